"""The kinds of component as data, and the settings and contract of a class."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import cache
from inspect import cleandoc
from typing import Any, get_type_hints

import attrs
from attrs import frozen

from zoo_core.components import contracts
from zoo_core.components.component import Component
from zoo_core.components.data_contracts import ReaderSettings
from zoo_core.components.fields import Named, is_slot, named_slot, takes_named
from zoo_core.messages import plural


@frozen
class Kind:
    """A kind of component: its name, and the base class with its contract, whose docstring says what the kind is.

    All else follows from a row of `KINDS`: its hook, its place in lists, schemas, completion and reference pages, and
    its checks, which are in the package of its plural in `zoo_core/testing/`.
    """

    name: str
    base: type[Component]

    @property
    def plural(self) -> str:
        """The name of several components of the kind."""
        return plural(self.name)

    @property
    def hook(self) -> str:
        """The hook of plugins that provides components of the kind."""
        return f"zoo_{self.plural}"


KINDS: tuple[Kind, ...] = (
    Kind("task", contracts.Task),
    Kind("reader", contracts.Reader),
    Kind("tokenizer", contracts.Tokenizer),
    Kind("vectorizer", contracts.Vectorizer),
    Kind("weighting", contracts.Weighting),
    Kind("model", contracts.Model),
    Kind("embedding", contracts.Embedding),
    Kind("activation", contracts.Activation),
    Kind("loss", contracts.Loss),
    Kind("optimizer", contracts.Optimizer),
    Kind("scheduler", contracts.Scheduler),
    Kind("metric", contracts.Metric),
    Kind("splitter", contracts.Splitter),
    Kind("sampler", contracts.Sampler),
    Kind("augmenter", contracts.Augmenter),
    Kind("calibrator", contracts.Calibrator),
)
AS_SET = "depends on the settings"  # in place of a property of a contract
BASES = tuple(kind.base for kind in KINDS)


def kind_of(cls: type) -> Kind:
    """The kind of a component class or of a base class."""
    for kind in KINDS:
        if issubclass(cls, kind.base):
            return kind
    raise TypeError(f"{cls.__qualname__} is not a component")


@cache
def type_hints(cls: type) -> dict[str, Any]:
    """The resolved annotations of a class and its bases, as `typing.get_type_hints` gives them.

    Those of a base are resolved once for all of its subclasses.
    """
    hints: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        hints |= _own_type_hints(base)
    return hints


@cache
def _own_type_hints(cls: type) -> dict[str, Any]:
    """The resolved annotations that a class itself has."""
    own = vars(cls).get("__annotations__")
    if not own:
        return {}
    alone = type(cls.__name__, (), {"__annotations__": own})
    module = sys.modules.get(cls.__module__)
    return get_type_hints(alone, dict(vars(cls)), vars(module) if module else {})


def setting_fields(cls: type) -> list[attrs.Attribute[Any]]:
    """The settings of a component class, with resolved types; keyword-only ones come last, apart from slots."""
    return list(_resolved_fields(cls))


@cache
def _resolved_fields(cls: type) -> tuple[attrs.Attribute[Any], ...]:
    types = type_hints(cls)
    fields = [field for field in attrs.fields(cls) if "open" not in field.metadata]
    fields.sort(key=lambda field: field.kw_only and not is_slot(field))
    return tuple(field.evolve(type=types[field.name]) for field in fields)


def iter_settings(holder: Any) -> Iterator[tuple[tuple[str, ...], attrs.Attribute[Any], Any]]:
    """Each setting of a component or a table: its path, its field, and its value.

    The components of a slot by name are a slot each, `(slot, name)`; one that is left out has the value None.
    """
    for field in setting_fields(type(holder)):
        value = getattr(holder, field.name)
        if takes_named(field):
            yield from (((field.name, name), named_slot(field, name), part) for name, part in value.items())
        else:
            yield (field.name,), field, value


def value_at(holder: Any, path: Iterable[str]) -> Any:
    """What a path of names of settings and of named components leads to. Raises KeyError if it leads nowhere."""
    for name in path:
        if isinstance(holder, Named):
            holder = holder[name]
        elif attrs.has(type(holder)) and any(field.name == name for field in setting_fields(type(holder))):
            holder = getattr(holder, name)
        else:
            raise KeyError(name)
    return holder


def contract_of(cls: type[Component]) -> dict[str, Any]:
    """The class attributes that declare the contract of a component, by name; a property depends on its settings."""
    declared = {name: getattr(cls, name) for name in kind_of(cls).base.__annotations__ if hasattr(cls, name)}
    return {name: AS_SET if isinstance(value, property) else value for name, value in declared.items()}


def summary_line(cls: type) -> str:
    """The first line of the docstring of a class."""
    return cleandoc(cls.__doc__ or "").partition("\n")[0]


def setting_values(holder: Any) -> dict[str, Any]:
    """The settings of a component or a table by name, those of a reader in its table, too."""
    values = {field.name: getattr(holder, field.name) for field in setting_fields(type(holder))}
    return values | holder.of_reader() if isinstance(holder, ReaderSettings) else values
