"""Strict values ↔ frozen attrs classes: no coercion, and every problem at once with its key path."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, cast, get_args, get_origin

import attrs
from attrs import define, field, frozen

from zoo_core.components.component import Component
from zoo_core.components.fields import default_value, is_slot, validators_of
from zoo_core.components.kinds import KINDS, kind_of, setting_fields
from zoo_core.components.setting_types import format_type, is_str_or_list
from zoo_core.errors import PluginError, Problem, RecipeError, ZooError
from zoo_core.messages import Suggestion, join_names, name_hint, suggest
from zoo_core.plugins.registry import Registry, satisfies

T = TypeVar("T")
Path = tuple[str, ...]
MISSING = object()


@frozen
class RawScalar:
    """A scalar from the command line: what it is as TOML, and as it was typed, for settings that are text."""

    value: Any
    text: str


@frozen
class LocatedProblem:
    """A problem and the key it is at; `of_plugin` where a plugin that was set aside is the cause."""

    path: Path
    problem: Problem
    is_plugin_fault: bool = False
    location_path: Path = ()  # the key that says it, where it is another


@define
class Structurer:
    """One walk over a tree of values: the registry it looks names up in, and the problems found so far."""

    registry: Registry
    problems: list[LocatedProblem] = field(factory=list)

    def add_problem(self, path: Path, message: str, hint: str = "") -> Any:
        """Note a problem; returns the mark of a value that could not be read."""
        self.problems.append(LocatedProblem(path, Problem(message, hint=hint)))
        return MISSING

    def add_unknown_setting(self, path: Path, hint: str) -> None:
        """Note that a table has a key that is not one of its settings."""
        problem = Problem(f'there is no setting "{path[-1]}"', hint=hint, code="unknown-setting")
        self.problems.append(LocatedProblem(path, problem))

    def structure_table(self, cls: type[T], raw: Any, path: Path) -> T | Any:
        """Construct a frozen attrs class from a table, only if no problem was found in it."""
        if not isinstance(raw, Mapping):
            return self.add_problem(path, f"must be a table, not {format_value(raw)}")
        before = len(self.problems)
        known = {f.name: f for f in setting_fields(cls)}
        for key in raw:
            is_component = issubclass(cls, Component)
            if key not in known and not (key == "use" and is_component):
                suggestion = suggest(key, known) or (suggest(key, ["use"]) if is_component else None)
                self.add_unknown_setting((*path, key), suggestion.text if suggestion else name_hint(key, known))
        values = {}
        for name, one in known.items():
            value = self.structure_setting(one, raw.get(name, MISSING), (*path, name))
            if value is not MISSING:
                values[name] = value
        if len(self.problems) > before:
            return MISSING
        made = cls(**values)
        if isinstance(made, Component):
            for problem in made.check():
                at = (*path, problem.setting) if problem.setting else path
                self.problems.append(LocatedProblem(at, attrs.evolve(problem, code="between-settings")))
        return made

    def structure_setting(self, one: attrs.Attribute[Any], raw: Any, path: Path) -> Any:
        """One field's value: its default, or what was given, converted and validated."""
        if is_slot(one):
            return self.structure_slot(one, default_value(one) if raw is MISSING else raw, path)
        if raw is MISSING:
            return MISSING
        value = self.structure_value(one.type, raw, path)
        if value is MISSING:
            return MISSING
        for validator in validators_of(one):
            try:
                validator(None, one, value)
            except (ValueError, TypeError) as error:
                return self.add_problem(path, str(error))
        return value

    def structure_value(self, type_: Any, raw: Any, path: Path) -> Any:
        """A value of exactly this type; an int is a float, nothing else is anything else."""
        if is_str_or_list(type_):
            listed = isinstance(raw.value if isinstance(raw, RawScalar) else raw, list | tuple)
            type_ = tuple[str, ...] if listed else str
        if isinstance(raw, RawScalar):
            raw = raw.text if type_ is str or get_origin(type_) is Literal else raw.value
        if get_origin(type_) is tuple:
            if not isinstance(raw, list | tuple):
                return self.add_problem(path, f"must be a {format_type(type_)}, not {format_value(raw)}")
            items = [self.structure_value(get_args(type_)[0], x, (*path, str(i))) for i, x in enumerate(raw)]
            return MISSING if any(item is MISSING for item in items) else tuple(items)
        if get_origin(type_) is Literal:
            if isinstance(raw, str) and raw in get_args(type_):
                return raw
            hint = name_hint(raw, get_args(type_)) if isinstance(raw, str) else ""
            return self.add_problem(path, f"must be {format_type(type_)}, not {format_value(raw)}", hint)
        number = isinstance(raw, int | float) and not isinstance(raw, bool)
        if type_ is float and number:
            try:
                value = float(raw)
            except OverflowError:
                value = math.inf
            return value if math.isfinite(value) else self.add_problem(path, f"must be finite, not {format_value(raw)}")
        if type_ is int and number and isinstance(raw, int):
            return raw if abs(raw) < 2**63 else self.add_problem(path, "must fit into 64 bits")
        if type_ in (bool, str) and type(raw) is type_:
            return raw
        return self.add_problem(path, f"must be {_article(format_type(type_))}, not {format_value(raw)}")

    def structure_slot(self, one: attrs.Attribute[Any], raw: Any, path: Path) -> Any:
        """The component, or the tuple of components, that fills a slot."""
        if get_origin(one.type) is tuple:
            base = get_args(one.type)[0]
            if not isinstance(raw, list | tuple):
                return self.add_problem(path, f"must be a list of {kind_of(base).name} names, not {format_value(raw)}")
            items = [self.build_component(base, one, x, (*path, str(i))) for i, x in enumerate(raw)]
            return MISSING if any(item is MISSING for item in items) else tuple(items)
        return self.build_component(cast(Any, one.type), one, raw, path)

    def build_component(self, base: type[Component], one: attrs.Attribute[Any] | None, raw: Any, path: Path) -> Any:
        """A component named by a string, or by a table with `use` and its settings."""
        kind = kind_of(base).name
        if isinstance(raw, RawScalar):
            raw = raw.text
        raw = {"use": raw} if isinstance(raw, str) else raw
        if not isinstance(raw, Mapping):
            return self.add_problem(path, f"must be the name of a component of kind {kind}, not {format_value(raw)}")
        if "use" not in raw and (one is None or not isinstance(default_value(one), str)):
            for key in (key for key in raw if suggest(key, ["use"])):
                self.add_unknown_setting((*path, key), Suggestion("use").text)
            return self.add_problem(path, f"names no {kind}", 'as in { use = "NAME" }')
        name = raw.get("use", default_value(one) if one else "")
        if not isinstance(name, str):
            return self.add_problem(
                (*path, "use"), f"must be the name of a component of kind {kind}, not {format_value(name)}"
            )
        try:
            cls = self.registry.get(kind, name).cls
        except ZooError as error:
            of_plugin = isinstance(error, PluginError)
            self.problems += [LocatedProblem(path, each, of_plugin, (*path, "use")) for each in error.problems]
            return MISSING
        where = one.metadata.get("where", {}) if one else {}
        if not satisfies(cls, where):
            wanted = " and ".join(f"{key} {value}" for key, value in where.items())
            hint = f"{join_names(self.registry.matching(kind, where))} would fit"
            return self.add_problem(path, f'{kind} "{name}" does not fit here: it must be of {wanted}', hint)
        return self.structure_table(cls, raw, path)


def structure(cls: type[T], raw: Mapping[str, Any], registry: Registry) -> T:
    """An instance of `cls` from plain values; RecipeError or PluginError with every problem otherwise."""
    reading = Structurer(registry)
    made = reading.structure_table(cls, raw, ())
    raise_problems(reading.problems)
    return cast(T, made)


def build_component(registry: Registry, kind: str, raw: str | Mapping[str, Any]) -> Component:
    """A component by name, or by a table with `use` and its settings; defaults for the rest."""
    reading = Structurer(registry)
    base = next(one.base for one in KINDS if one.name == kind)
    made = reading.build_component(base, None, raw, ())
    raise_problems(reading.problems)
    return cast(Component, made)


def raise_problems(problems: list[LocatedProblem], origins: Mapping[Path, str] | None = None) -> None:
    """Raise the problems found, each with its key and the place it was written; nothing where none was."""
    if not problems:
        return
    error = PluginError if all(one.is_plugin_fault for one in problems) else RecipeError
    raise error(*(_placed(one, origins or {}) for one in problems))


def _placed(one: LocatedProblem, origins: Mapping[Path, str]) -> Problem:
    where = one.problem.where
    path = one.location_path or one.path
    while not where and path:
        where = origins.get(path, "")
        path = path[:-1]
    return attrs.evolve(one.problem, where=where, setting=".".join(one.path))


def unstructure(value: Any, registry: Registry | None = None) -> Any:
    """Plain values that `structure` reads back: every setting, defaults included, parts with their `use`.

    With a registry, a part whose name another has as well is called by its longer one.
    """
    if attrs.has(type(value)):
        own = {f.name: unstructure(getattr(value, f.name), registry) for f in setting_fields(type(value))}
        if isinstance(value, Component):
            return {"use": registry.recipe_name(type(value)) if registry else value.name, **own}
        return own
    return [unstructure(item, registry) for item in value] if isinstance(value, tuple) else value


def format_value(value: Any) -> str:
    """A raw value as it would be written in TOML, for a message.

    >>> shown("0.1"), shown(True), shown([1])
    ('the string "0.1"', 'true', 'a list')
    """
    if isinstance(value, RawScalar):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'the string "{value[:60]}"'
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    try:
        return str(value)[:60]
    except ValueError:  # Python writes no number of so many digits
        return "a number of thousands of digits"


def _article(text: str) -> str:
    words = {"int": "a whole number", "float": "a number", "str": "a string", "bool": "true or false"}
    return words.get(text, text)
