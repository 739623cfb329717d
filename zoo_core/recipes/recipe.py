"""A recipe: layers of settings, where each value came from, and the plan they come to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from attrs import evolve, field, frozen

from zoo_core.components.kinds import setting_fields
from zoo_core.config.layers import merge_layers, parse_assignment
from zoo_core.config.structure import LocatedProblem, Structurer, raise_problems, unstructure
from zoo_core.config.toml import Document, read_toml
from zoo_core.config.zoo import Zoo, open_zoo
from zoo_core.errors import PluginError, Problem, RecipeError
from zoo_core.messages import Suggestion, name_hint, suggest
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.plan import SLOTS, TABLES, Plan, Split

METADATA_KEYS = ("about", "extends")


@frozen
class Recipe:
    """Layers of values, the weakest first. Immutable: `override` gives another recipe."""

    name: str
    zoo: Zoo = field(repr=False, eq=False)
    layers: tuple[Document, ...] = field(default=(), repr=False)

    def override(self, *assignments: str) -> Recipe:
        """The recipe with `KEY=VALUE` settings on top: `override("loss=bce", "optimizer.lr=0.1")`."""
        return evolve(self, layers=(*self.layers, *(parse_assignment(text, METADATA_KEYS) for text in assignments)))

    def with_components(self, parts: Mapping[str, str]) -> Recipe:
        """The recipe with other parts in its slots, by the slot's name, as `--SLOT NAME` puts them there."""
        chosen = (parse_assignment(f"{slot}={name}", written_as=f"--{slot} {name}") for slot, name in parts.items())
        return evolve(self, layers=(*self.layers, *chosen))

    def merged(self) -> Document:
        """All layers in one: plain values, and the place each was written."""
        return merge_layers(self.layers)

    def plan(self) -> Plan:
        """Every slot filled and every setting checked; all problems at once, with their places."""
        document = self.merged()
        reading = Structurer(self.zoo.registry)
        known = [*SLOTS, *TABLES]
        deeper = [f"{table}.{one.name}" for table, cls in TABLES.items() for one in setting_fields(cls)]
        for key in document.values:
            if key not in known and key not in METADATA_KEYS:
                near = {name.rpartition(".")[2]: name for name in deeper}
                close = suggest(key, [*known, *METADATA_KEYS, *near])
                hint = Suggestion(near.get(close.match, close.match)).text if close else name_hint(key, known)
                reading.add_problem((key,), f'there is no slot or table "{key}"', hint)
        if not isinstance(document.values.get("about", ""), str):
            reading.add_problem(("about",), "must be a string")
        parts: dict[str, Any] = {}
        for one in setting_fields(Plan):
            raw = document.values.get(one.name, {})
            if one.name in TABLES:
                parts[one.name] = reading.structure_table(TABLES[one.name], raw, (one.name,))
            else:
                default = self.zoo.defaults.values.get(one.name, "")
                raw = {"use": default, **raw} if isinstance(raw, Mapping) else raw
                parts[one.name] = reading.structure_slot(one, raw, (one.name,))
        split = parts["split"]
        if isinstance(split, Split) and abs(split.train + split.val + split.test - 1) > 1e-9:
            total = split.train + split.val + split.test
            reading.problems.append(LocatedProblem(("split",), Problem(f"shares must sum to 1, not {total:g}")))
        raise_problems(reading.problems, document.locations)
        return Plan(**parts)


def load_recipe(name: str | Path, *, zoo: Zoo | None = None) -> Recipe:
    """The recipe of this name, or in this file (anything ending in `.toml` or with a folder in it).

    What a file extends is looked for beside that file. Raises RecipeError for an unknown name, with the nearest, for
    what is not TOML, with the line, and for a circle of `extends`, with the circle.
    """
    zoo = zoo or open_zoo()
    layers: list[Document] = []
    seen: dict[str, str] = {}  # what tells a recipe from all others → how it was called
    wanted, where = str(name), ""
    while wanted or not seen:
        known = wanted in zoo.recipes or not _is_file(wanted)
        file = wanted if known else str(Path(where.rpartition(":")[0]).parent / wanted)
        key = wanted if known or "\0" in file else os.path.realpath(file)
        if key in seen:
            circle = list(seen.values())[list(seen).index(key) :]
            raise RecipeError(f"extends goes in a circle: {' → '.join([*circle, circle[0]])}", where=where)
        seen[key] = file
        document = _document(file, zoo, where)
        layers.insert(0, evolve(document, title=file))
        where = document.locations.get(("extends",), "")
        parent = document.values.get("extends", "")
        if not isinstance(parent, str):
            raise RecipeError("extends: must be the name of a recipe", where=where)
        wanted = parent
    return Recipe(str(name), zoo, (evolve(zoo.defaults, title="[defaults]"), *layers))


def default_recipe(zoo: Zoo) -> Recipe:
    """The recipe of nothing but the defaults, to be assembled from the command line."""
    return Recipe("assembled", zoo, (evolve(zoo.defaults, title="[defaults]"),))


def _is_file(name: str) -> bool:
    return name.endswith(".toml") or "/" in name or "\\" in name


def _document(name: str, zoo: Zoo, where: str) -> Document:
    if name in zoo.recipes:
        return zoo.recipes[name]
    if _is_file(name):
        return read_toml(Path(name))
    hint = f"{name_hint(name, zoo.recipes)}; the name of a file ends in .toml"
    missing = Problem(f'there is no recipe "{name}"', where, hint)
    if zoo.plugins.unavailable and suggest(name, zoo.recipes) is None:
        raise PluginError(missing, *(Problem(str(absent)) for absent in zoo.plugins.unavailable))
    raise RecipeError(missing)


def to_toml(plan: Plan, registry: Registry | None = None) -> str:
    """The plan as a pure recipe: every setting written out, ready for `zoo train`, in this registry's names."""
    document = tomlkit.document()
    for name, value in unstructure(plan, registry).items():
        table = tomlkit.table()
        for key, item in value.items():
            table[key] = to_inline_toml(item)
        document[name] = table
    return tomlkit.dumps(document)


def to_inline_toml(value: Any) -> Any:
    """A plain value as tomlkit writes it on one line."""
    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        for key, item in value.items():
            table[key] = to_inline_toml(item)
        return table
    return [to_inline_toml(item) for item in value] if isinstance(value, list) else value
