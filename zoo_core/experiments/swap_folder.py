"""The folder of a swap: found or created, locked while the swap runs, with the design and the resolved recipes."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from zoo_core.errors import InputOutputError, RecipeError, RunFolderError
from zoo_core.experiments.design import SwapDesign
from zoo_core.experiments.records import Trial, check_trial, record_path
from zoo_core.experiments.worker_process import wait_for_workers, worker_locks
from zoo_core.filesystem.folders import make_folder
from zoo_core.filesystem.names import slugify
from zoo_core.filesystem.temporary import remove_leftovers
from zoo_core.filesystem.writing import write_file
from zoo_core.messages import warn
from zoo_core.runs.regular_files import read_regular_file
from zoo_core.runs.sealed_json import parse_sealed_json, to_sealed_json
from zoo_core.runs.staging import locked_folder

DESIGN_FILE = "swap.json"
OTHER_FOLDER = "name another folder with --run"
RESULTS_FILE = "table.json"  # written last: a folder that has it is finished


@contextmanager
def open_swap_folder(design: SwapDesign, requested: str | None) -> Iterator[Path]:
    """Lock the folder of a swap: the requested one, else an unfinished one of the same design, else a new one.

    Raises RecipeError if the folder holds anything else.
    """
    content = to_sealed_json(design.to_dict())
    folder = Path(requested) if requested is not None else _choose_folder(design.recipe_names(), content)
    if os.path.lexists(folder) and not folder.is_dir():
        raise RecipeError(f"{folder} is a file, not a folder", hint=OTHER_FOLDER)
    try:
        _check_content(folder, content)
        created = make_folder(folder)
        lock = locked_folder(folder, doing="swap", hint=OTHER_FOLDER)
    except OSError as error:
        raise InputOutputError(f"cannot write {folder}: {error.strerror or error}") from None
    try:
        with lock:
            wait_for_workers(folder)
            _check_content(folder, content)  # another swap may have written into the folder meanwhile
            _write_layout(design, folder, content)
            _discard_damaged(folder, design.trials())
            yield folder
    except BaseException:
        for path in reversed(created):  # nothing was written, as on a full disk
            with suppress(OSError):
                path.rmdir()
        raise


def _check_content(folder: Path, content: bytes) -> None:
    """Raise RecipeError unless the folder is missing, is empty or holds this swap; RunFolderError if it is damaged.

    A swap that was killed at its start leaves no content.
    """
    if not folder.is_dir() or _is_unstarted(folder):
        return
    file = folder / DESIGN_FILE
    if not os.path.lexists(file):
        raise RecipeError(f"{folder} is not empty and not a swap folder", hint=OTHER_FOLDER)
    data = read_regular_file(file)
    if data == content:
        return
    try:
        parse_sealed_json(data, file)
    except RunFolderError as error:
        raise RunFolderError(error.problems[0].message, where=str(file), hint=OTHER_FOLDER) from None
    hint = f"{OTHER_FOLDER}; to resume this swap, give the same recipe, variants and data"
    raise RecipeError(f"{folder} holds another swap", hint=hint)


def _is_unstarted(folder: Path) -> bool:
    """Whether a folder holds no more than a lock, temporary files and an empty file of the design."""
    file = folder / DESIGN_FILE
    remove_leftovers(file)
    names = {path.name for path in {*folder.iterdir()} - {*worker_locks(folder)}} - {"lock"}
    return names <= {DESIGN_FILE} and not (os.path.lexists(file) and file.lstat().st_size)


def _is_abandoned(folder: Path) -> bool:
    """Whether a swap was killed in this folder before it wrote its design."""
    if folder.is_symlink() or not folder.is_dir() or not _is_unstarted(folder):
        return False
    try:
        with locked_folder(folder, doing="swap", hint=OTHER_FOLDER):
            return True
    except InputOutputError:
        return False


def _write_layout(design: SwapDesign, folder: Path, content: bytes) -> None:
    """Write the design and the resolved recipes; the design first, as it marks the folder as a swap."""
    if not (folder / DESIGN_FILE).is_file() or (folder / DESIGN_FILE).read_bytes() != content:
        write_file(folder / DESIGN_FILE, content)
    for name in ("trials", "records", "recipes"):
        if (folder / name).is_symlink():
            raise RunFolderError("symbolic links are not allowed", where=str(folder / name))
        try:
            make_folder(folder / name)
        except OSError as error:
            raise InputOutputError(f"cannot write {folder}: {error.strerror or error}") from None
    for number, variant in enumerate(design.variants.compatible, start=1):
        write_file(folder / "recipes" / f"{number:02d}-{slugify(variant.name)}.toml", variant.to_toml().encode())


def _discard_damaged(folder: Path, trials: Iterable[Trial]) -> None:
    """Remove the records of trials of which a file is damaged, with a warning: they are trained again."""
    for trial in trials:
        try:
            check_trial(folder, trial)
        except RunFolderError as error:
            warn(f"{error}; this trial is trained again")
            with suppress(OSError):
                record_path(folder, trial.name).unlink()


def _choose_folder(recipes: Sequence[str], content: bytes) -> Path:
    slug = slugify("-".join(Path(recipe).stem for recipe in recipes), default="swap", limit=100)
    for number in itertools.count(1):
        folder = Path("swaps") / f"{slug}-{number}"
        if not os.path.lexists(folder) or _is_abandoned(folder):
            return folder
        with suppress(RunFolderError):
            if read_regular_file(folder / DESIGN_FILE) == content and not os.path.lexists(folder / RESULTS_FILE):
                return folder
    raise AssertionError  # count() does not end
