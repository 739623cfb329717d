"""The fields of a component: plain settings and slots, and the bounds a number keeps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import attrs
from attrs import frozen

RESERVED = frozenset({"use", "name", "kind", "aliases", "retires"})


@frozen
class Bounds:
    """A validator for a number or for each number of a tuple: the limits it keeps.

    >>> str(Bounds(ge=0, lt=1))
    'at least 0 and below 1'
    """

    ge: float = -math.inf
    gt: float = -math.inf
    le: float = math.inf
    lt: float = math.inf

    def __str__(self) -> str:
        parts = (
            (self.ge, "at least"),
            (self.gt, "above"),
            (self.le, "at most"),
            (self.lt, "below"),
        )
        return " and ".join(f"{words} {limit:g}" for limit, words in parts if math.isfinite(limit))

    def __call__(self, _instance: object, _field: object, value: Any) -> None:
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
                raise ValueError(f"must be a finite number, not {number!r}")
            if not (self.ge <= number <= self.le and self.gt < number < self.lt):
                raise ValueError(f"must be {self}, not {number!r}")


finite = Bounds()
positive = Bounds(gt=0)
not_negative = Bounds(ge=0)
at_least_one = Bounds(ge=1)
fraction = Bounds(ge=0, le=1)


@frozen
class NotEmpty:
    """A validator for a string or a tuple that must hold something."""

    def __str__(self) -> str:
        return "not empty"

    def __call__(self, _instance: object, _field: object, value: Any) -> None:
        if len(value) == 0:
            raise ValueError("must not be empty")


not_empty = NotEmpty()


def setting(default: Any, help: str, *validators: Any) -> Any:
    """A setting of a component: its default, its meaning in a few words, the validators it must pass.

    The type is the annotation: bool, int, float, str, Literal, or tuple[T, ...] of these.
    """
    return attrs.field(default=default, validator=list(validators) or None, metadata={"help": help})


def slot(default: str | tuple[str, ...], help: str, *, where: Mapping[str, Any] | None = None) -> Any:
    """A setting that is itself a component, given by name: `activation: Activation = slot("relu", …)`.

    `default` names the component that fills the slot where a recipe says nothing. `where` is a condition
    on the component's contract, as data: `{"acts": "elementwise"}`. The field is keyword-only and a
    Python caller always passes it, since a name can only be looked up in a registry.
    """
    return attrs.field(kw_only=True, metadata={"help": help, "slot": default, "where": dict(where or {})})


def is_slot(field: attrs.Attribute[Any]) -> bool:
    """Whether this field is a slot."""
    return "slot" in field.metadata


def default_of(field: attrs.Attribute[Any]) -> Any:
    """The default of a setting, or the default name of a slot; `attrs.NOTHING` where there is none."""
    return field.metadata["slot"] if is_slot(field) else field.default


def validators_of(field: attrs.Attribute[Any]) -> tuple[Any, ...]:
    """The validators of a field, one by one."""
    found = getattr(field.validator, "_validators", None)
    if found is not None:
        return tuple(found)
    return () if field.validator is None else (field.validator,)


def limits_of(field: attrs.Attribute[Any]) -> str:
    """What the validators ask, in words: "above 0", or "" for nothing."""
    return " and ".join(text for text in map(str, validators_of(field)) if text)
