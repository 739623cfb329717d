"""Structuring: plain values to frozen attrs classes and back, without coercion, with every problem at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import attrs
from attrs import define, evolve

from zoo_core.components.component import Component
from zoo_core.components.fields import (
    Named,
    NumbersByClass,
    default_value,
    is_slot,
    slot_base,
    takes_named,
    takes_several,
    validators_of,
)
from zoo_core.components.kinds import KINDS, kind_of, setting_fields, setting_values
from zoo_core.components.setting_types import NONE
from zoo_core.config.key_lines import KeyPath
from zoo_core.config.located_problems import LocatedProblem, raise_problems
from zoo_core.config.raw_values import RawScalar, format_value
from zoo_core.config.structuring.named_components import structure_named
from zoo_core.config.structuring.values import MISSING, ValueStructurer
from zoo_core.errors import PluginError, ZooError
from zoo_core.messages import Suggestion, join_hints, join_names, name_hint, suggest
from zoo_core.plugins.registry import Registry, satisfies

T = TypeVar("T")


@define
class Structurer(ValueStructurer):
    """One pass over a tree of values: the registry to look names up in, and the problems found so far.

    `elsewhere(key, value, exact=…)` gives the hint for an unknown key that belongs to another table, or "".
    """

    registry: Registry
    elsewhere: Callable[..., str] = lambda _key, _value, *, exact: ""

    def structure_table(self, cls: type[T], raw: Any, path: KeyPath) -> T | Any:
        """An instance of a frozen attrs class from a table; MISSING if the table has a problem."""
        if not isinstance(raw, Mapping):
            return self.add_problem(path, f"must be a table, not {format_value(raw)}")
        before = len(self.problems)
        fields = {field.name: field for field in setting_fields(cls)}
        is_component = issubclass(cls, Component)
        for key in raw:
            if key not in fields and not (key == "use" and is_component):
                suggestion = suggest(key, fields) or (suggest(key, ["use"]) if is_component else None)
                hint = suggestion.text if suggestion else name_hint(key, fields)
                others = "" if suggestion or not is_component else self._owners_of(cls, key)
                place = "" if others else self.elsewhere(key, raw[key], exact=suggestion is not None)
                hint = place or join_hints(hint, others) or "there are no settings: leave it out"
                self.add_unknown_setting((*path, key), hint)
        values = {}
        for name, field in fields.items():
            value = self.structure_setting(field, raw.get(name, MISSING), (*path, name))
            if value is not MISSING:
                values[name] = value
        if len(self.problems) > before:
            return MISSING
        instance = cls(**values)
        if isinstance(instance, Component):
            for problem in instance.check():
                at = (*path, problem.setting) if problem.setting else path
                self.problems.append(LocatedProblem(at, evolve(problem, code="between-settings")))
        return instance

    def _owners_of(self, cls: type[Any], key: str) -> str:
        """The other components of the same kind that have this setting, for a hint; "" if there are none."""
        kind = kind_of(cls).name
        entries = self.registry.of_kind(kind)
        owners = [entry.name for entry in entries if any(field.name == key for field in setting_fields(entry.cls))]
        return f"take another {kind}: {join_names(owners)}" if owners else ""

    def structure_setting(self, field: attrs.Attribute[Any], raw: Any, path: KeyPath) -> Any:
        """The value of one field: its default, or the given value, structured and validated."""
        if is_slot(field):
            return self.structure_slot(field, default_value(field) if raw is MISSING else raw, path)
        if raw is MISSING:
            return MISSING
        word = raw.text if isinstance(raw, RawScalar) else raw
        synonyms = field.metadata.get("synonyms", {})
        value = self.structure_value(field.type, synonyms.get(word, raw) if isinstance(word, str) else raw, path)
        if value is MISSING or value is None:
            return value
        parts = [(path, value)]
        if isinstance(value, NumbersByClass):
            parts = [((*path, name), number) for name, number in value.items()]
        for at, part in parts:
            for validator in validators_of(field):
                try:
                    validator(None, field, part)
                except (ValueError, TypeError) as error:
                    self.add_problem(at, str(error))
                    value = MISSING
                    break
        return value

    def structure_slot(self, field: attrs.Attribute[Any], raw: Any, path: KeyPath) -> Any:
        """The component, the tuple of components, or the components by name, of a slot."""
        base = slot_base(field)
        if takes_named(field):
            return structure_named(self, self.build_component, field, raw, path)
        if takes_several(field):
            if not isinstance(raw, list | tuple):
                return self.add_problem(path, f"must be a list of {kind_of(base).name} names, not {format_value(raw)}")
            items = [self.build_component(base, field, item, (*path, str(at))) for at, item in enumerate(raw)]
            return MISSING if any(item is MISSING for item in items) else tuple(items)
        return self.build_component(base, field, raw, path)

    def build_component(
        self, base: type[Component], field: attrs.Attribute[Any] | None, raw: Any, path: KeyPath
    ) -> Any:
        """A component from its name, or from a table with `use` and its settings."""
        kind = kind_of(base).name
        if isinstance(raw, RawScalar):
            raw = raw.text
        if isinstance(raw, Component):
            if not isinstance(raw, base):
                found = f"the {kind_of(type(raw)).name} {raw.name}"
                return self.add_problem(path, f"must be a component of kind {kind}, not {found}")
            raw = unstructure(raw, self.registry)
        raw = {"use": raw} if isinstance(raw, str) else raw
        if not isinstance(raw, Mapping):
            return self.add_problem(path, f"must be the name of a component of kind {kind}, not {format_value(raw)}")
        default = default_value(field) if field else ""
        if "use" not in raw and not (isinstance(default, str) and default):
            for key in (key for key in raw if suggest(key, ["use"])):
                self.add_unknown_setting((*path, key), Suggestion("use").text)
            return self.add_problem(path, f"missing the name of the {kind}", 'write it as in { use = "NAME" }')
        name = raw.get("use", default)
        if not isinstance(name, str):
            message = f"must be the name of a component of kind {kind}, not {format_value(name)}"
            return self.add_problem((*path, "use"), message)
        try:
            cls = self.registry.get(kind, name).cls
        except ZooError as error:
            is_plugin_fault = isinstance(error, PluginError)
            self.problems += [
                LocatedProblem(path, problem, is_plugin_fault, (*path, "use")) for problem in error.problems
            ]
            return MISSING
        where = field.metadata.get("where", {}) if field else {}
        if not satisfies(cls, where):
            condition = " and ".join(f'{attribute} = "{value}"' for attribute, value in where.items())
            hint = f"choose from {join_names(self.registry.matching(kind, where))}"
            return self.add_problem(path, f'{kind} "{name}" does not fit this slot: expected {condition}', hint)
        return self.structure_table(cls, raw, path)


def structure(cls: type[T], raw: Mapping[str, Any], registry: Registry) -> T:
    """An instance of `cls` from plain values; RecipeError or PluginError with every problem otherwise."""
    structurer = Structurer(registry)
    instance = structurer.structure_table(cls, raw, ())
    raise_problems(structurer.problems)
    return cast(T, instance)


def build_component(registry: Registry, kind: str, raw: str | Mapping[str, Any]) -> Component:
    """A component from its name, or from a table with `use` and its settings; defaults for the rest."""
    structurer = Structurer(registry)
    base = next(known.base for known in KINDS if known.name == kind)
    component = structurer.build_component(base, None, raw, ())
    raise_problems(structurer.problems)
    return cast(Component, component)


def unstructure(value: Any, registry: Registry | None = None) -> Any:
    """Plain values that `structure` reads back: every setting, including defaults, and components with `use`.

    With a registry, ambiguous names of components are qualified.
    """
    if attrs.has(type(value)):
        settings = {name: unstructure(item, registry) for name, item in setting_values(value).items()}
        if isinstance(value, Component):
            return {"use": registry.recipe_name(type(value)) if registry else value.name, **settings}
        return settings
    if value is None:
        return NONE
    if isinstance(value, NumbersByClass):
        return dict(value)
    if isinstance(value, Named):
        return {name: unstructure(part, registry) for name, part in value.items()}
    return [unstructure(item, registry) for item in value] if isinstance(value, tuple) else value
