"""The folder of a new run: claimed before training, removed again if no run results."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from zoo_core.errors import InputOutputError, RecipeError
from zoo_core.filesystem.names import slugify


@contextmanager
def claim_run_folder(requested: str | Path | None, name: str) -> Iterator[Path]:
    """Claim an empty folder for a new run: the requested one, or the next free `runs/NAME-N`.

    After an error, the folders that were created are removed. Raises RecipeError for a folder that is not empty.
    """
    created: list[Path] = []
    try:
        folder = _create_requested(Path(requested), created) if requested is not None else _next_free(name, created)
    except OSError as error:
        _remove(created)
        raise InputOutputError(f"cannot create the run folder {error.filename}: {error.strerror}") from None
    try:
        yield folder
    except BaseException:
        _remove(created)
        raise


def _create_requested(folder: Path, created: list[Path]) -> Path:
    if os.path.lexists(folder) and not folder.is_dir():
        raise RecipeError(f"{folder} is a file, not a folder", hint="name another folder with --run")
    _create(folder, created)
    if any(folder.iterdir()):
        raise RecipeError(f"{folder} is not empty", hint="name another folder with --run")
    return folder


def _next_free(name: str, created: list[Path]) -> Path:
    slug = slugify(Path(name).stem, default="run", limit=100)
    parent = Path("runs")
    _create(parent, created)
    for number in itertools.count(1):
        with suppress(FileExistsError):
            folder = parent / f"{slug}-{number}"
            folder.mkdir()
            created.append(folder)
            return folder
    raise AssertionError  # count() does not end


def _create(folder: Path, created: list[Path]) -> None:
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        created.append(path)


def _remove(created: list[Path]) -> None:
    """Remove created folders, the last first; a folder that is no longer empty stays."""
    for folder in reversed(created):
        with suppress(OSError):
            folder.rmdir()
