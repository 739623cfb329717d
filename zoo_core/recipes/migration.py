"""Renamed components: a recipe with an old name still runs, and can be migrated to the new name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from zoo_core.components.component import Component
from zoo_core.components.kinds import kind_of
from zoo_core.config.assignment import split_key
from zoo_core.config.raw_values import RawScalar
from zoo_core.config.toml import edit_toml, parse_toml_file, read_toml_bytes
from zoo_core.config.zoo import Zoo
from zoo_core.recipes.fingerprints import iter_components
from zoo_core.recipes.recipe import Recipe, load_recipe


@frozen
class RenamedComponent:
    """An old name in a recipe: its key, its location, and the component with that alias."""

    key: str
    where: str
    old: str
    component: type[Component]

    @property
    def new(self) -> str:
        """The new name, qualified like the old name."""
        owner, colon, _ = self.old.rpartition(":")
        return f"{owner}{colon}{self.component.name}"

    def __str__(self) -> str:
        expires = self.component.alias_expires
        until = f" (the old name may be removed from {expires} on)" if expires else ""
        message = f'{self.key}: {kind_of(self.component).name} "{self.old}" is renamed to "{self.new}"{until}'
        return f"{self.where}: {message}" if self.where else message


def find_renamed(recipe: Recipe) -> list[RenamedComponent]:
    """Every old name in a recipe, with its location. RecipeError for an invalid recipe."""
    document = recipe.merged()
    renamed = []
    for key, component in iter_components(recipe.plan()):
        path = split_key(key)
        name = _written_name(document.values, path)
        if name is not None and name.rpartition(":")[2] in type(component).aliases:
            candidates = [(*path, "use"), *(path[:length] for length in range(len(path), 0, -1))]
            where = next((document.locations[at] for at in candidates if at in document.locations), "")
            renamed.append(RenamedComponent(key, where, name, type(component)))
    return renamed


def _written_name(values: Any, path: tuple[str, ...]) -> str | None:
    """The name that is written at a key, alone or in a table with `use`; None if there is none."""
    for step in path:
        if isinstance(values, Mapping) and step in values:
            values = values[step]
        elif isinstance(values, list) and step.isdecimal() and int(step) < len(values):
            values = values[int(step)]
        else:
            return None
    name = values.get("use") if isinstance(values, Mapping) else values
    name = name.text if isinstance(name, RawScalar) else name
    return name if isinstance(name, str) else None


def migrate_recipe_file(file: str | Path, zoo: Zoo) -> tuple[str, list[RenamedComponent]]:
    """The text of the file of a recipe with current names, keeping comments and order, and the renamed components.

    Old names in a recipe that it extends are not changed.
    """
    path = Path(file)
    data = read_toml_bytes(path)
    written = parse_toml_file(data, path).values
    renames = find_renamed(load_recipe(f"{path.parent / path.name}", zoo=zoo))
    changed = [rename for rename in renames if _written_name(written, split_key(rename.key)) == rename.old]

    def edit(document: Any) -> None:
        for rename in changed:
            *steps, last = split_key(rename.key)
            holder = document
            for step in steps:
                holder = holder[_as_index(step, holder)]
            at = _as_index(last, holder)
            if isinstance(holder[at], Mapping):
                holder[at]["use"] = rename.new
            else:
                holder[at] = rename.new

    return edit_toml(data.decode(), edit, str(path)), changed


def _as_index(step: str, holder: Any) -> Any:
    return int(step) if isinstance(holder, list) else step
