"""Old names of components in a recipe: it still runs, and is told what to write."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from attrs import frozen

from zoo_core.components.component import Component
from zoo_core.components.kinds import kind_of
from zoo_core.config.toml import read_toml
from zoo_core.config.zoo import Zoo
from zoo_core.recipes.fingerprints import iter_components
from zoo_core.recipes.recipe import Recipe, load_recipe


@frozen
class RenamedComponent:
    """An old name in a recipe: its key, where it is written, and the component that now answers to it."""

    key: str
    where: str
    old: str
    component: type[Component]

    @property
    def new(self) -> str:
        """What to write, as qualified as the old name was."""
        owner, colon, _ = self.old.rpartition(":")
        return f"{owner}{colon}{self.component.name}"

    def __str__(self) -> str:
        until = f" (the old name ends on {self.component.alias_expires})" if self.component.alias_expires else ""
        told = f'{self.key}: the {kind_of(self.component).name} "{self.old}" is now called "{self.new}"{until}'
        return f"{self.where}: {told}" if self.where else told


def find_renamed(recipe: Recipe) -> list[RenamedComponent]:
    """Every old name a recipe says, with the place. RecipeError for a recipe that is not sound."""
    document = recipe.merged()
    found = []
    for key, part in iter_components(recipe.plan()):
        path = tuple(key.split("."))
        said = _said(document.values, path)
        if said is not None and said.rpartition(":")[2] in type(part).aliases:
            places = [
                document.locations[at] for at in (path[:n] for n in range(len(path), 0, -1)) if at in document.locations
            ]
            found.append(
                RenamedComponent(key, document.locations.get((*path, "use"), (places or [""])[0]), said, type(part))
            )
    return found


def _said(values: Any, path: tuple[str, ...]) -> str | None:
    """The name that stands at a key, alone or in a table with `use`; None where nothing does."""
    for step in path:
        if isinstance(values, Mapping) and step in values:
            values = values[step]
        elif isinstance(values, list) and step.isdecimal() and int(step) < len(values):
            values = values[int(step)]
        else:
            return None
    said = values.get("use") if isinstance(values, Mapping) else values
    said = getattr(said, "text", said)
    return said if isinstance(said, str) else None


def migrate_recipe_file(file: str | Path, zoo: Zoo) -> tuple[str, list[RenamedComponent]]:
    """The text of a recipe's file with today's names, comments and order kept, and what was changed.

    Old names of a recipe it extends are left to that one's own file.
    """
    own = read_toml(Path(file)).values
    document = tomlkit.parse(Path(file).read_text("utf-8"))
    changed = []
    for rename in find_renamed(load_recipe(f"{Path(file).parent / Path(file).name}", zoo=zoo)):
        path = tuple(rename.key.split("."))
        if _said(own, path) != rename.old:
            continue
        holder: Any = document
        for step in path[:-1]:
            holder = holder[int(step) if isinstance(holder, list) else step]
        last: Any = int(path[-1]) if isinstance(holder, list) else path[-1]
        if isinstance(holder[last], Mapping):
            holder[last]["use"] = rename.new
        else:
            holder[last] = rename.new
        changed.append(rename)
    return tomlkit.dumps(document), changed
