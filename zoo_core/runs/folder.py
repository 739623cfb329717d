"""Folder."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from zoo_core.errors import InputOutputError, RecipeError


@contextmanager
def claim_run_folder(requested: str | Path | None, name: str) -> Iterator[Path]:
    """The folder of a new run, empty until the run is whole: the one wanted, or the next free `runs/NAME-N`.

    Where no run comes of it, the folders made for it go again. RecipeError for one that already holds something.
    """
    made: list[Path] = []
    try:
        folder = _wanted(Path(requested), made) if requested is not None else _next_free(name, made)
    except OSError as error:
        _remove(made)
        raise InputOutputError(f"cannot make the run folder {error.filename}: {error.strerror}") from None
    try:
        yield folder
    except BaseException:
        _remove(made)
        raise


def _wanted(folder: Path, made: list[Path]) -> Path:
    if os.path.lexists(folder) and not folder.is_dir():
        raise RecipeError(f"{folder} is a file, not a folder", hint="name another with --run")
    _make(folder, made)
    if any(folder.iterdir()):
        raise RecipeError(f"{folder} is not empty", hint="name another folder with --run")
    return folder


def _next_free(name: str, made: list[Path]) -> Path:
    plain = re.sub(r"[^a-z0-9-]+", "-", Path(name).stem.lower()).strip("-") or "run"
    parent = Path("runs")
    _make(parent, made)
    for number in itertools.count(1):
        with suppress(FileExistsError):
            folder = parent / f"{plain[:100]}-{number}"
            folder.mkdir()
            made.append(folder)
            return folder
    raise AssertionError  # there is always a next number


def _make(folder: Path, made: list[Path]) -> None:
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        made.append(one)


def _remove(made: list[Path]) -> None:
    """Remove folders that were made, the last first; one that holds something by now stays."""
    for folder in reversed(made):
        with suppress(OSError):
            folder.rmdir()
