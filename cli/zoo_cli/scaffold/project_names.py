"""The names of an existing project, read from its `pyproject.toml`: its author may have renamed it."""

from __future__ import annotations

import re
from pathlib import Path

from zoo_cli.scaffold.templates import ProjectNames
from zoo_core.config.toml import read_toml
from zoo_core.errors import RecipeError
from zoo_core.plugins.plugin_source import ENTRY_POINT_GROUP

COMMAND_GROUP = "textzoo.commands"
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")  # of a distribution
_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read_project_names(folder: Path) -> ProjectNames:
    """The distribution, the package and the plugin of a project, by its metadata.

    Raises RecipeError if the folder has no `pyproject.toml` with the entry point of a plugin or a command.
    """
    path = folder / "pyproject.toml"
    project = read_toml(path).values.get("project")
    name = project.get("name") if isinstance(project, dict) else None
    groups = project.get("entry-points") if isinstance(project, dict) else None
    groups = groups if isinstance(groups, dict) else {}
    for group in (ENTRY_POINT_GROUP, COMMAND_GROUP):
        points = groups.get(group)
        for plugin, target in points.items() if isinstance(points, dict) else ():
            package = str(target).partition(":")[0].partition(".")[0]
            if isinstance(name, str) and _NAME.fullmatch(name) and _MODULE.fullmatch(package):
                return ProjectNames(name, package, plugin)
    hint = "name the folder of a project made by zoo plugins new"
    raise RecipeError(f'no entry point of the group "{ENTRY_POINT_GROUP}"', where=str(path), hint=hint)
