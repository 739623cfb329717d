"""The fields of a component: plain settings and slots, and the bounds a number keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

RESERVED_NAMES = frozenset({"use", "name", "kind", "aliases", "alias_expires"})


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


def default_value(field: attrs.Attribute[Any]) -> Any:
    """The default of a setting, or the default name of a slot; `attrs.NOTHING` where there is none."""
    return field.metadata["slot"] if is_slot(field) else field.default


def validators_of(field: attrs.Attribute[Any]) -> tuple[Any, ...]:
    """The validators of a field, one by one."""
    found = getattr(field.validator, "_validators", None)
    if found is not None:
        return tuple(found)
    return () if field.validator is None else (field.validator,)


def describe_limits(field: attrs.Attribute[Any]) -> str:
    """What the validators ask, in words: "above 0", or "" for nothing."""
    return " and ".join(text for text in map(str, validators_of(field)) if text)
