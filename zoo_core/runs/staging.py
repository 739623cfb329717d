"""The staging folder of an unfinished run, beside its folder: a lock, the resume information and the checkpoint.

It is removed when the run is finished or has failed; what a killed process leaves is what `resume` continues from.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from zoo_core.errors import InputOutputError, RecipeError
from zoo_core.filesystem.folders import WINDOWS
from zoo_core.filesystem.locks import release_lock, try_lock
from zoo_core.messages import join_hints, suggest_command
from zoo_core.runs.resume_info import RESUME_FILE, ResumeInfo
from zoo_core.runs.store import is_finished

CHECKPOINT_FILES = ("checkpoint.safetensors", "checkpoint-previous.safetensors")  # the newest, and the one before


def staging_folder(folder: Path) -> Path:
    """The staging folder of a run's folder: beside it, hidden."""
    absolute = folder.absolute()
    return absolute.parent / f".{absolute.name}.unfinished"


def is_resumable(folder: Path) -> bool:
    """Whether a training into this folder was started and not finished."""
    return not is_finished(folder) and (staging_folder(folder) / RESUME_FILE).is_file()


@contextmanager
def staging_area(folder: Path, *, resume: bool = False) -> Iterator[Path]:
    """Create and lock the staging folder of a run, so that no other training writes into `folder`.

    Raises InputOutputError if another training does; if one was killed and this one does not resume it, RecipeError, or
    RunFolderError if its description is damaged. The staging folder is removed at the end, except for a checkpoint
    after a failed write, or after a failed resume.
    """
    staging = staging_folder(folder)
    handle = _lock(staging, f"another training is writing {folder}", "name another folder with --run")
    try:
        if not resume and (staging / RESUME_FILE).exists():
            ResumeInfo.read(staging)  # one that is damaged has another hint
            command = suggest_command("zoo train --resume", folder)
            hint = join_hints(command and f"resume it with {command}", "name another folder with --run")
            raise RecipeError(f"a training into {folder} was not finished", hint=hint)
        try:
            yield staging
        except InputOutputError:
            if not any((staging / name).exists() for name in CHECKPOINT_FILES):
                _remove(staging)
            raise
        except BaseException:
            if not resume:  # what could not be resumed stays as it was
                _remove(staging)
            raise
        _remove(staging)
    finally:
        os.close(handle)
        if WINDOWS:
            _remove_idle(staging)


def _remove_idle(staging: Path) -> None:
    """Remove an empty staging folder on Windows, which kept its open lock file; one that another locked stays."""
    with suppress(OSError):
        if [path.name for path in staging.iterdir()] == ["lock"]:
            (staging / "lock").unlink()
            staging.rmdir()


def _remove(staging: Path) -> None:
    shutil.rmtree(staging, ignore_errors=True)
    name = staging.name.removesuffix(".unfinished")
    for partial in staging.parent.glob(f"{name}.*.partial"):  # of a process that was killed while it wrote
        shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def locked_folder(folder: Path, *, doing: str, hint: str) -> Iterator[None]:
    """Lock a folder, so that no other process works in it; `doing` names the work, for the error message."""
    handle = _lock(folder, f"another {doing} is writing {folder}", hint)
    try:
        yield
    finally:
        release_lock(handle, folder / "lock")


def _lock(folder: Path, message: str, hint: str) -> int:
    """Open and lock the lock file of a folder. The system releases the lock when the process dies."""
    while True:
        try:
            folder.mkdir(exist_ok=True)
            handle = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        except FileNotFoundError:
            if folder.parent.exists():
                continue  # another process removed the folder between the two calls
            raise
        except OSError as error:
            raise InputOutputError(f"cannot create {folder}: {error.strerror}") from None
        if not try_lock(handle):
            os.close(handle)
            raise InputOutputError(message, hint=hint)
        with suppress(OSError):
            if os.path.samestat((folder / "lock").stat(), os.fstat(handle)):
                return handle
        os.close(handle)
