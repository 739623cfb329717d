"""The folder of a new run: claimed before training, removed again if no run results."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from zoo_core.errors import InputOutputError, RecipeError
from zoo_core.filesystem.folders import make_folder, remove_empty_folders
from zoo_core.filesystem.names import slugify
from zoo_core.runs.staging import is_resumable, remove_finished, staging_area
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
        remove_finished(folder.absolute().parent)
        with staging_area(folder):
            yield folder
    except BaseException as error:
        if folder is None or not is_resumable(folder):
            remove_empty_folders(created)
        if isinstance(error, OSError) and folder is None:
            raise InputOutputError(f"cannot create the run folder {error.filename}: {error.strerror}") from None
        raise


def _create_requested(folder: Path, created: list[Path]) -> Path:
    if os.path.lexists(folder) and not folder.is_dir():
        raise RecipeError(f"{folder} is a file, not a folder", hint="name another folder with --run")
    if is_resumable(folder):
        with staging_area(folder):  # raises what prevents a new training
            pass
    created += make_folder(folder)
    if not is_empty(folder):
        raise RecipeError(f"{folder} is not empty", hint="name another folder with --run")
    return folder


def _next_free(name: str, created: list[Path]) -> Path:
    slug = slugify(Path(name).stem, default="run", limit=100)
    parent = Path("runs")
    created += make_folder(parent)
    for number in itertools.count(1):
        folder = parent / f"{slug}-{number}"
        if os.path.lexists(staging_folder(folder)):
            continue
        with suppress(FileExistsError):
            created += make_folder(folder, exist_ok=False)
            return folder
    raise AssertionError  # count() does not end
