"""Recipes: layers of settings with the location of each value, resolved to a plan."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any

import attrs
import tomlkit
from attrs import evolve, frozen

from zoo_core.components.data_contracts import ReaderSettings
from zoo_core.components.kinds import setting_fields
from zoo_core.config.assigned_values import assigned_layers
from zoo_core.config.assignment import Assignment
from zoo_core.config.located_problems import LocatedProblem, raise_problems
from zoo_core.config.merged_layers import (
    COMMAND_LINE,
    DroppedSettings,
    MergedLayers,
    last_place,
    merge_layers,
    parse_assignment,
)
from zoo_core.config.named_recipes import NamedRecipe, unknown_recipe
from zoo_core.config.slot_lookup import SlotLookup
from zoo_core.config.structure import Structurer, unstructure
from zoo_core.config.toml import Document, read_toml
from zoo_core.config.zoo import Zoo, open_zoo
from zoo_core.errors import Problem, RecipeError, ZooError
from zoo_core.filesystem.names import closest_path_hint
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.plan import SLOTS, TABLES, Plan, Split
from zoo_core.recipes.reader_table import READER, reader_from_layers, structure_reader
from zoo_core.recipes.setting_places import SettingPlaces

METADATA_KEYS = ("about", "extends")
QUALIFIED_NAME = re.compile(r"[^/:]+/[^/:]+:[^/:]+")  # distribution/plugin:recipe


@frozen
class Recipe:
    """Layers of values, the lowest priority first. Immutable: `override` returns another recipe."""

    name: str
    zoo: Zoo = attrs.field(repr=False, eq=False)
    layers: tuple[Document, ...] = attrs.field(default=(), repr=False)

    def override(self, *changes: str | Mapping[str, Any], **values: Any) -> Recipe:
        """The recipe with other settings: `override("loss=bce", {"optimizer.lr": 0.1}, training={"epochs": 5})`.

        A change is `KEY=VALUE`, a dictionary of dotted keys, or a keyword with the component of a slot or the settings
        of a table; a component may be a name, a dictionary with `use`, or an object. In one call the order does not
        matter, except that the last value of a key counts: a setting applies to the component that its slot has at the
        end. A component that the recipe has already keeps its settings; see `dropped_settings` for what another drops.

        Raises RecipeError at once for an unknown key or a wrong value.
        """
        assignments = [change for change in changes if isinstance(change, str)]
        tables = [*(change for change in changes if not isinstance(change, str)), values]
        recipe = self.with_assignments(*assignments)
        layers = assigned_layers(tables, METADATA_KEYS, recipe.zoo.registry)
        recipe = evolve(recipe, layers=(*recipe.layers, *layers))
        keys = {".".join(path) for layer in recipe.layers[len(self.layers) :] for path in layer.locations}
        try:
            recipe.plan()
        except ZooError as error:
            if any(_is_about(problem.setting, keys) for problem in error.problems):
                raise
        return recipe

    def with_assignments(self, *assignments: str, written_as: str = "") -> Recipe:
        """The same for strings alone, whose keys and values `plan` checks later.

        Messages say `--set KEY=VALUE`, or `written_as`.
        """
        layers = (parse_assignment(text, METADATA_KEYS, written_as=written_as) for text in assignments)
        return evolve(self, layers=(*self.layers, *layers))

    def with_components(self, names: Mapping[str, str]) -> Recipe:
        """The recipe with other components in its slots, as with `--SLOT NAME`."""
        layers = (parse_assignment(f"{slot}={name}", written_as=f"--{slot} {name}") for slot, name in names.items())
        return evolve(self, layers=(*self.layers, *layers))

    def __str__(self) -> str:
        """The recipe as TOML with every setting; what is wrong with it, as comments, if it is not valid."""
        try:
            return to_toml(self.plan(), self.zoo.registry)
        except ZooError as error:
            return "".join(f"# {problem}\n" for problem in error.problems)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"

    def with_reader(self, reader: str) -> Recipe:
        """The recipe with another reader, as with `--reader NAME`; unchanged for ""."""
        return self.with_assignments(Assignment(f"{READER}={reader}", f"--reader {reader}")) if reader else self

    def reader(self) -> ReaderSettings:
        """How files are read, as in the plan."""
        return reader_from_layers(self.zoo.registry, self.layers)

    def given_reader(self) -> ReaderSettings:
        """How the command line alone says that files are read, whatever the recipe itself says."""
        layers = [layer for layer in self.layers if layer.title == COMMAND_LINE]
        return reader_from_layers(self.zoo.registry, layers)

    def merged(self) -> Document:
        """All layers merged: plain values, and the location of each."""
        return self._merge().document

    def dropped_settings(self) -> tuple[DroppedSettings, ...]:
        """The written settings that are not in effect because a higher layer put another component in their slot."""
        return self._merge().dropped

    def _merge(self) -> MergedLayers:
        return merge_layers(self.layers, SlotLookup(self.zoo.registry, Plan))

    def plan(self) -> Plan:
        """Fill every slot and check every setting; all problems are raised together, with their locations."""
        document = self.merged()
        places = SettingPlaces(SlotLookup(self.zoo.registry, Plan), document.values)
        structurer = Structurer(self.zoo.registry, elsewhere=places.find)
        for key in document.values:
            if key not in (*SLOTS, *TABLES, *METADATA_KEYS):
                hint = places.find_top_level(key, METADATA_KEYS)
                structurer.add_problem((key,), f'unknown slot or table "{key}"', hint)
        if not isinstance(document.values.get("about", ""), str):
            structurer.add_problem(("about",), "must be a string")
        values: dict[str, Any] = {}
        for field in setting_fields(Plan):
            raw = document.values.get(field.name, {})
            if field.name == READER:
                values[READER] = structure_reader(structurer, raw)
            elif field.name in TABLES:
                values[field.name] = structurer.structure_table(TABLES[field.name], raw, (field.name,))
            else:
                default = self.zoo.defaults.values.get(field.name, "")
                raw = {"use": default, **raw} if isinstance(raw, Mapping) else raw
                values[field.name] = structurer.structure_slot(field, raw, (field.name,))
        split = values["split"]
        if isinstance(split, Split) and abs(split.train + split.val + split.test - 1) > 1e-9:
            total = split.train + split.val + split.test
            shares = [("split",), *(("split", name) for name in ("train", "val", "test"))]
            problem = Problem(f"shares must sum to 1, not {total:g}", last_place(document.locations, shares))
            structurer.problems.append(LocatedProblem(("split",), problem))
        raise_problems(structurer.problems, document.locations)
        return Plan(**values)


def _is_about(setting: str, keys: Iterable[str]) -> bool:
    """Whether the key of a problem is one of some keys, inside of it, or around it."""
    return any(f"{setting}.".startswith(f"{key}.") or f"{key}.".startswith(f"{setting}.") for key in keys)


def load_recipe(name: str | Path, *, zoo: Zoo | None = None) -> Recipe:
    """The recipe of this name, or in this file (a name that ends in `.toml` or has a folder).

    A file that `extends` another is resolved relative to its own folder. RecipeError for an unknown name, with a
    suggestion, for invalid TOML, with the line, and for circular `extends`.
    """
    zoo = zoo or open_zoo()
    layers: list[Document] = []
    seen: dict[str, str] = {}  # the identity of a recipe → its name
    current, where = str(name), ""
    named: NamedRecipe | None = None
    while current or not seen:
        named = zoo.recipes.find(current, where=where, near=named) if current in zoo.recipes else None
        is_name = named is not None or not _is_file(current)
        file = current if is_name else str(Path(where.rpartition(":")[0]).parent / current)
        key = named.qualified_name if named else current if is_name or "\0" in file else os.path.realpath(file)
        if key in seen:
            cycle = list(seen.values())[list(seen).index(key) :]
            raise RecipeError(f"circular extends: {' → '.join([*cycle, cycle[0]])}", where=where)
        seen[key] = file
        document = named.document if named else _read_document(file, zoo, where)
        layers.insert(0, evolve(document, title=file))
        where = document.locations.get(("extends",), "")
        parent = document.values.get("extends", "")
        if not isinstance(parent, str):
            raise RecipeError("extends: must be the name of a recipe", where=where)
        current = parent
    return Recipe(str(name), zoo, (evolve(zoo.defaults, title="[defaults]"), *layers))


def default_recipe(zoo: Zoo) -> Recipe:
    """The recipe of defaults only, for components from the command line."""
    return Recipe("assembled", zoo, (evolve(zoo.defaults, title="[defaults]"),))


def _is_file(name: str) -> bool:
    is_qualified = QUALIFIED_NAME.fullmatch(name) and not os.path.lexists(name)
    return name.endswith(".toml") or (("/" in name or "\\" in name) and not is_qualified)


def _read_document(name: str, zoo: Zoo, where: str) -> Document:
    if _is_file(name):
        if not os.path.lexists(name):
            hint = closest_path_hint(name, lambda path: path.suffix == ".toml" and path.name != "zoo.toml")
            raise RecipeError(f"no such file: {name}", where=where, hint=hint)
        return read_toml(Path(name))
    raise unknown_recipe(name, zoo.recipes, zoo.plugins.unavailable, where)


def plan_values(plan: Plan, registry: Registry | None = None) -> dict[str, Any]:
    """Every setting of a plan as plain values by table; the table of the reader is left out if it says nothing."""
    tables = unstructure(plan, registry).items()
    return {name: value for name, value in tables if name != READER or plan.reader != ReaderSettings()}


def to_toml(plan: Plan, registry: Registry | None = None) -> str:
    """The plan as a recipe with every setting, ready for `zoo train`, with the names of a registry."""
    document = tomlkit.document()
    for name, value in plan_values(plan, registry).items():
        table = tomlkit.table()
        for key, item in value.items():
            table[key] = to_inline_toml(item)
        document[name] = table
    return tomlkit.dumps(document)


def to_inline_toml(value: Any) -> Any:
    """A plain value as tomlkit items on one line."""
    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        for key, item in value.items():
            table[key] = to_inline_toml(item)
        return table
    return [to_inline_toml(item) for item in value] if isinstance(value, list) else value
