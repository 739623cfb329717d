"""The folder of a new run: claimed before training, removed again if no run results."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from zoo_core.errors import InputOutputError, RecipeError
from zoo_core.filesystem.names import slugify
from zoo_core.filesystem.writing import sync_folder
from zoo_core.runs.staging import is_resumable, staging_area
from zoo_core.runs.store import is_empty, staging_folder


@contextmanager
def claim_run_folder(requested: str | Path | None, name: str) -> Iterator[Path]:
    """Claim an empty folder for a new run, the requested one or the next free `runs/NAME-N`, with its staging folder.

    After an error, the folders that were created are removed, unless there is something to resume. Raises RecipeError
    for a folder that is not empty, and what `staging_area` raises.
    """
    created: list[Path] = []
    folder = None
    try:
        folder = _create_requested(Path(requested), created) if requested is not None else _next_free(name, created)
        with staging_area(folder):
            yield folder
    except BaseException as error:
        if folder is None or not is_resumable(folder):
            _remove(created)
        if isinstance(error, OSError) and folder is None:
            raise InputOutputError(f"cannot create the run folder {error.filename}: {error.strerror}") from None
        raise


def _create_requested(folder: Path, created: list[Path]) -> Path:
    if os.path.lexists(folder) and not folder.is_dir():
        raise RecipeError(f"{folder} is a file, not a folder", hint="name another folder with --run")
    if is_resumable(folder):
        with staging_area(folder):  # raises what prevents a new training
            pass
    _create(folder, created)
    if not is_empty(folder):
        raise RecipeError(f"{folder} is not empty", hint="name another folder with --run")
    return folder


def _next_free(name: str, created: list[Path]) -> Path:
    slug = slugify(Path(name).stem, default="run", limit=100)
    parent = Path("runs")
    _create(parent, created)
    for number in itertools.count(1):
        folder = parent / f"{slug}-{number}"
        if os.path.lexists(staging_folder(folder)):
            continue
        with suppress(FileExistsError):
            folder.mkdir()
            created.append(folder)
            return folder
    raise AssertionError  # count() does not end


def _create(folder: Path, created: list[Path]) -> None:
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        created.append(path)
        sync_folder(path.parent)


def _remove(created: list[Path]) -> None:
    """Remove created folders, the last first; a folder that is no longer empty stays."""
    for folder in reversed(created):
        with suppress(OSError):
            folder.rmdir()
