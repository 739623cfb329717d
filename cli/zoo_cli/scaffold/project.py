"""The project of a new plugin: its names, its files with their record, and the folder they are written to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from zoo_cli.scaffold.record import RECORD_FILE, record_text
from zoo_cli.scaffold.templates import ProjectNames, render_templates
from zoo_core.errors import InputOutputError, RecipeError
from zoo_core.filesystem.folders import make_folder, write_folder
from zoo_core.filesystem.names import slugify
from zoo_core.filesystem.writing import write_file

NAME_PATTERN = re.compile(r"textzoo(-[a-z][a-z0-9]*)+")


def render_project(name: str, kinds: Iterable[str]) -> dict[str, str]:
    """The text of each file of a project with an example of each kind, by path, and the record of them.

    Raises RecipeError for an invalid plugin name.
    """
    names = project_names(name)
    requested = set(kinds)
    files = render_templates(requested)
    return {
        **{names.fill(path): names.fill(text) for path, text in files.items()},
        RECORD_FILE: record_text(requested, files),
    }


def project_names(name: str) -> ProjectNames:
    """The names of the project of a new distribution. Raises RecipeError for an invalid plugin name."""
    if not NAME_PATTERN.fullmatch(name) or len(name) > 48:
        slug = slugify(name, default="", limit=60).removeprefix("textzoo").lstrip("0123456789-")
        raise RecipeError(
            f'invalid plugin name "{name}": expected textzoo- and words of a to z and 0 to 9, joined by -',
            hint=f'use "textzoo-{slug[:40].strip("-") or "mine"}"',
        )
    return ProjectNames(name, name.replace("-", "_"), name.removeprefix("textzoo-"))


def write_project(folder: Path, texts: dict[str, str], *, overwrites: bool = False) -> None:
    """Write a project atomically into a folder that does not exist or is empty.

    With `overwrites`, replace the files of that name in a folder that holds others, too.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise RecipeError(f"{folder} exists and is not a folder", hint="name another folder with --output")
    try:
        is_filled = folder.is_dir() and any(folder.iterdir())
        if is_filled and not overwrites:
            hint = "name another folder with --output, or overwrite its files with --force"
            raise RecipeError(f"{folder} already exists", hint=hint)
        make_folder(folder.parent)
    except OSError as error:
        raise InputOutputError(f"cannot create {folder}: {error.strerror or error}") from None
    try:
        if is_filled:
            for path, text in texts.items():
                make_folder((folder / path).parent)
                write_file(folder / path, text.encode())
            return
        write_folder(folder, {path: text.encode() for path, text in texts.items()})
    except OSError as error:
        raise InputOutputError(f"cannot write {folder}: {error.strerror or error}") from None
