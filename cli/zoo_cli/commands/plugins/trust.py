"""`zoo plugins trust` and `untrust`: which projects may name plugins in their settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo_cli.options import json_option
from zoo_cli.output import print_json, print_note, print_table

if TYPE_CHECKING:
    from zoo_core.config.settings_layers import Project

FOLDER_HELP = "Without FOLDER, the project is that of the working folder."


@click.command(
    "trust", epilog="Example: zoo plugins trust my-project", help=f"Trust the plugins of a project. {FOLDER_HELP}"
)
@click.argument("folder", required=False, type=click.Path())
@click.option("--list", "lists", is_flag=True, help="List the trusted projects, and which of them changed.")
@json_option
def trust_project(folder: str | None, lists: bool, as_json: bool) -> None:
    """Record the settings and plugin files of a project with their owners and SHA-256, and print them."""
    from zoo_core.config.trust import read_record, write_record
    from zoo_core.errors import RecipeError

    if lists and folder:
        raise RecipeError("--list takes no FOLDER")
    if lists:
        _print_rows(_list_projects(), as_json)
        return
    project = _read(folder)
    if project is None:
        _print_rows([], as_json)
        return
    projects = read_record()
    if projects.get(str(project.file)) == project.seal:
        print_note(f"{project.file} is already trusted")
    else:
        write_record({**projects, str(project.file): project.seal})
        if read_record().get(str(project.file)) != project.seal:
            raise RecipeError(f"the trust in {project.file} could not be recorded")
        print_note(f"{project.file} is trusted until it or one of these files changes")
    _print_rows(_describe(project.seal), as_json)


@click.command(
    "untrust", epilog="Example: zoo plugins untrust my-project", help=f"Stop trusting a project. {FOLDER_HELP}"
)
@click.argument("folder", required=False, type=click.Path())
@json_option
def untrust_project(folder: str | None, as_json: bool) -> None:
    """Remove a project from the record."""
    from zoo_core.config.trust import read_record, write_record
    from zoo_core.errors import RecipeError

    projects, file = read_record(), str(_settings_file(folder))
    if file not in projects:
        raise RecipeError(f"{file} is not trusted")
    del projects[file]
    write_record(projects)
    print_note(f"{file} is no longer trusted")
    if as_json:
        print_json({"project": file, "state": "untrusted"})


def _settings_file(folder: str | None) -> Path:
    """The settings of the project in a folder, or of the working folder."""
    from zoo_core.config.user_settings import project_file
    from zoo_core.errors import RecipeError

    if folder is not None:
        return Path(folder).resolve() / "zoo.toml"
    file = project_file()
    if file is None:
        raise RecipeError("no zoo.toml in the working folder or above it", hint="name the folder of the project")
    return file


def _read(folder: str | None) -> Project | None:
    """The project to trust; None if there is nothing to trust. RecipeError if it is not the user's own."""
    from zoo_core.config.settings_layers import needs_trust, read_project, read_settings_file

    file = _settings_file(folder)
    project = read_project(file, read_settings_file(file))
    if needs_trust(project.document):
        return project
    print_note(f"{file} names no plugins and no owners: there is nothing to trust")
    return None


def _describe(seal: dict[str, Any]) -> list[dict[str, str]]:
    """The settings and each plugin file, with the hash."""
    files = {seal["settings"]["path"]: seal["settings"], **seal["files"]}
    return [
        {"file": path if file is None else file["path"], "sha256": "missing" if file is None else file["sha256"]}
        for path, file in files.items()
    ]


def _list_projects() -> list[dict[str, str]]:
    from zoo_core.config.settings_layers import read_project, read_settings_file
    from zoo_core.config.trust import read_record
    from zoo_core.errors import RecipeError

    rows = []
    for path, seal in read_record().items():
        try:
            is_same = read_project(Path(path), read_settings_file(Path(path))).seal == seal
        except RecipeError:
            is_same = False
        rows.append({"project": path, "state": "trusted" if is_same else "changed"})
    return rows


def _print_rows(rows: list[dict[str, str]], as_json: bool) -> None:
    if as_json:
        print_json(rows)
    elif rows:
        print_table(list(rows[0]), [list(row.values()) for row in rows])
