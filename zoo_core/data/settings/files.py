"""Files that settings of components name, which training reads: found, and checked before the data is read."""

from __future__ import annotations

import errno
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import attrs

from zoo_core.components.kinds import iter_settings
from zoo_core.config.assignment import join_key
from zoo_core.data.files.sources import MAX_SHOWN_CHARS, open_source
from zoo_core.errors import DataError, Problem, RecipeError
from zoo_core.filesystem.reading import file_kind
from zoo_core.messages import shorten, suggest_command
from zoo_core.recipes.plan import Plan

_FOLDER: ContextVar[str] = ContextVar("folder of relative names", default="")


@contextmanager
def files_from(folder: str) -> Iterator[None]:
    """Inside the block, relative names in settings start from this folder: the one that a training was started in."""
    token = _FOLDER.set(folder)
    try:
        yield
    finally:
        _FOLDER.reset(token)


def locate_file(name: str) -> str:
    """Where the file is that a setting names: a component opens it under this name. `~` is the home folder."""
    path = Path(name)
    try:
        path = path.expanduser()
    except RuntimeError:  # of an unknown user
        return name
    return str(Path(_FOLDER.get()) / path) if _FOLDER.get() or name.startswith("~") else name


def require_files(plan: Plan) -> None:
    """Raise RecipeError for a setting that must name a file and does not, and DataError for a file that is missing, a
    folder, or not a regular file, and InputOutputError for one that may not be read."""
    for path, component, name in _given_files(plan, ()):
        key = join_key(path)
        if not name:
            message, hint = f"{path[-2]} {component.name} needs a file", suggest_command("--set", f"{key}=FILE")
            raise RecipeError(Problem(message, hint=hint, setting=key))
        require_file(locate_file(name))


def require_file(name: str) -> None:
    """Raise DataError or InputOutputError, as above, unless a regular file can be opened."""
    if name == "-":
        raise DataError("this file is not read from standard input", where=name, hint="write it to a file")
    try:
        mode = Path(name).stat().st_mode
    except (OSError, ValueError) as error:
        if isinstance(error, ValueError) or error.errno == errno.ENAMETOOLONG:
            raise DataError("this is not the name of a file", where=shorten(name, MAX_SHOWN_CHARS)) from None
        mode = stat.S_IFREG  # `open_source` says why it cannot be opened
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise DataError(f"not a regular file, but a {file_kind(mode)}", where=name)
    with open_source(name):
        pass


def _given_files(holder: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, str]]:
    """Every setting below an attrs instance that names a file: its key path, its component, its value."""
    for inner, field, value in iter_settings(holder):
        at = (*path, *inner)
        if field.metadata.get("is_file"):
            yield at, holder, value
        for number, part in enumerate(value if isinstance(value, tuple) else [value]):
            if attrs.has(type(part)):
                yield from _given_files(part, (*at, str(number)) if isinstance(value, tuple) else at)
