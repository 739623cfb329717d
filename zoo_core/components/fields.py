"""The fields of a component: settings and slots."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar, get_args, get_origin

import attrs
from attrs import frozen

T = TypeVar("T")
RESERVED_NAMES = frozenset({"use", "name", "kind", "aliases", "alias_expires"})


class NumbersByClass(Mapping[str, float]):
    """The numbers of a setting by the name of a class, as in `{ spam = 5 }`: a type of settings; immutable.

    A setting may be one of these or something else, as in `Literal["none"] | NumbersByClass`. When the classes of the
    data are known, a name that is not one of them is an error. A component that knows the classes looks the numbers up
    by name; a metric finds them in `head.classes`.
    """

    def __init__(self, numbers: Mapping[str, float] | None = None) -> None:
        self._numbers = dict(sorted((numbers or {}).items()))

    def __getitem__(self, name: str) -> float:
        return self._numbers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def __hash__(self) -> int:
        return hash(tuple(self._numbers.items()))

    def __repr__(self) -> str:
        return f"NumbersByClass({self._numbers})"


class Named(Mapping[str, T | None], Generic[T]):
    """Components by name, as in `{ subject = "ngrams", notes = "none" }`: the type of a slot; immutable.

    `parts: Named[Vectorizer] = slot({"text": "ngrams"}, …)` takes any number of vectorizers. A recipe adds names to
    those of the default, and leaves one out with "none": it is None here.
    """

    def __init__(self, components: Mapping[str, T | None] | None = None) -> None:
        self._components = dict(components or {})

    def __getitem__(self, name: str) -> T | None:
        return self._components[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._components)

    def __len__(self) -> int:
        return len(self._components)

    def __hash__(self) -> int:
        return hash(frozenset(self._components.items()))

    def __repr__(self) -> str:
        return f"Named({self._components})"

    def given(self) -> dict[str, T]:
        """The components by name, without the names that are left out."""
        return {name: component for name, component in self._components.items() if component is not None}


def _freeze_components(value: Any) -> Any:
    """A dictionary as components by name, so that a component is immutable; any other value unchanged."""
    return Named(value) if isinstance(value, dict) else value


def _freeze_table(value: Any) -> Any:
    """A dictionary as numbers by class, so that a component is immutable; any other value unchanged."""
    return NumbersByClass(value) if isinstance(value, dict) else value


@frozen
class UnlessNone:
    """A validator of the values that are given: None stands for no value, where the type allows it."""

    validator: Callable[[Any, Any, Any], object]

    def __str__(self) -> str:
        return str(self.validator)

    def __call__(self, instance: object, field: object, value: Any) -> None:
        if value is not None:
            self.validator(instance, field, value)


def setting(
    default: Any,
    help: str,
    *validators: Any,
    synonyms: Mapping[str, str] | None = None,
    no_effect: str = "",
    is_file: bool = False,
) -> Any:
    """A setting of a component: its default, a short help text, and its validators.

    The type is the annotation: bool, int, float, str, Literal, or tuple[T, ...] of these; or one of them or None, for
    a value that may be missing, which a recipe writes as "none"; or `NumbersByClass`, alone or beside one of them.
    Validators are not asked about None. `synonyms` are other words for values, which are replaced by those. `no_effect`
    says why no result depends on it, as in "only the speed changes": the conformance check of settings leaves it out.
    `is_file` is for a text that names a file which training reads: it must be there before the data is read, and the
    component opens it as `locate_file(name)`.
    """
    metadata = {"help": help, "synonyms": dict(synonyms or {}), "no_effect": no_effect, "is_file": is_file}
    validator = list(map(UnlessNone, validators)) or None
    return attrs.field(default=default, validator=validator, converter=_freeze_table, metadata=metadata)


def slot(
    default: str | tuple[str, ...] | Mapping[str, str], help: str, *, where: Mapping[str, Any] | None = None
) -> Any:
    """A setting that is itself a component, by its name: `activation: Activation = slot("relu", …)`.

    The type may also be `tuple[Activation, ...]`, for a list of components, or `Named[Activation]`, for components that
    have names. `default` is the name of the component that is used if a recipe has none. `where` is a condition on the
    contract of the component, as data: `{"acts": "elementwise"}`. The field is keyword-only and required in Python,
    because a name can only be looked up in a registry.
    """
    metadata = {"help": help, "slot": default, "where": dict(where or {})}
    return attrs.field(kw_only=True, converter=_freeze_components, metadata=metadata)


def is_slot(field: attrs.Attribute[Any]) -> bool:
    """Whether a field is a slot."""
    return "slot" in field.metadata


def takes_named(field: attrs.Attribute[Any]) -> bool:
    """Whether a field is a slot of components by name."""
    return is_slot(field) and get_origin(field.type) is Named


def takes_several(field: attrs.Attribute[Any]) -> bool:
    """Whether a field is a slot of a list of components."""
    return is_slot(field) and get_origin(field.type) is tuple


def slot_base(field: attrs.Attribute[Any]) -> Any:
    """The base class of the components of a slot, of one, several or named ones."""
    return get_args(field.type)[0] if takes_named(field) or takes_several(field) else field.type


def named_slot(field: attrs.Attribute[Any], name: str) -> attrs.Attribute[Any]:
    """The slot of the component of one name, in a slot of components by name; its default is "" if it has none."""
    metadata = {**field.metadata, "slot": field.metadata["slot"].get(name, "")}
    return field.evolve(name=name, type=slot_base(field), metadata=metadata)


def default_value(field: attrs.Attribute[Any]) -> Any:
    """The default of a setting, or the default name of a slot; `attrs.NOTHING` if there is none."""
    return field.metadata["slot"] if is_slot(field) else field.default


def validators_of(field: attrs.Attribute[Any]) -> tuple[Any, ...]:
    """The validators of a field, as a flat tuple."""
    combined = getattr(field.validator, "_validators", None)
    if combined is None:
        combined = () if field.validator is None else (field.validator,)
    return tuple(part.validator if isinstance(part, UnlessNone) else part for part in combined)


def describe_limits(field: attrs.Attribute[Any]) -> str:
    """The conditions of the validators in words: "above 0", or "" without validators."""
    return " and ".join(text for text in map(str, validators_of(field)) if text)
