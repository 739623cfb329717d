"""The staging folder of an unfinished run: a lock, the resume information, the checkpoint, and the finished files.

It is removed when the run is finished, or has failed without a checkpoint; else `resume` continues from it.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from zoo_core.errors import InputOutputError, RecipeError, RunFolderError
from zoo_core.filesystem.crash_notes import note_folder
from zoo_core.filesystem.folders import WINDOWS, make_folder, make_private_folder
from zoo_core.filesystem.locks import MAX_ATTEMPTS, is_open_file, open_lock_file, release_lock, try_lock
from zoo_core.filesystem.signals import defer_signals
from zoo_core.filesystem.writing import rename_file, write_file
from zoo_core.messages import join_hints, suggest_command
from zoo_core.runs.resume_info import RESUME_FILE, ResumeInfo
from zoo_core.runs.store import INSIDE, TRIAL, has_staged_run, is_finished, staging_folder

CHECKPOINT_FILES = ("checkpoint.safetensors", "checkpoint-previous.safetensors")  # the newest, and the one before


def is_resumable(folder: Path) -> bool:
    """Whether a training into this folder was started and not finished."""
    has_started = (staging_folder(folder) / RESUME_FILE).is_file() or has_staged_run(folder)
    return has_started and not is_finished(folder)


def _refuse_unfinished(folder: Path) -> None:
    """Raise RecipeError if a training into this folder was started and not finished."""
    if is_resumable(folder):
        if not has_staged_run(folder):
            ResumeInfo.read(staging_folder(folder))  # one that is damaged has another hint
        hint = join_hints(resume_hint(folder), "name another folder with --run")
        raise RecipeError(f"a training into {folder} was not finished", hint=hint)


def resume_hint(folder: Path) -> str:
    """How an unfinished training is continued; "" for a name that is not safe to paste."""
    command = suggest_command("zoo train --resume", folder)
    return command and f"resume it with {command}"


@contextmanager
def staging_area(folder: Path, *, resume: bool = False) -> Iterator[Path]:
    """Create and lock the staging folder of a run, so that no other training writes into `folder`.

    Raises InputOutputError if another training does, or if a finished run could not be moved to `folder`; RecipeError
    if a training was killed and this one does not resume it, or RunFolderError if its description is damaged. A
    checkpoint is removed by nothing but a finished run; the error or interrupt that leaves one says in a note how to
    resume.
    """
    staging, handle = _open_staging(folder)
    try:
        if not resume:
            _refuse_unfinished(folder)
            note_folder(folder)
        try:
            yield staging
        except BaseException as error:
            if is_finished(folder):
                error.add_note(f"the run in {folder} is finished")
            if not is_finished(folder) and (resume or _holds_work(folder, staging)):
                hint = "" if isinstance(error, RunFolderError) else resume_hint(folder)  # what is damaged says more
                error.add_note(": ".join(filter(None, ["the unfinished training is kept", hint])))
            else:
                _remove(staging)
            raise
        _remove(staging)
    finally:
        _release(staging, handle)


def _holds_work(folder: Path, staging: Path) -> bool:
    return any(os.path.lexists(staging / name) for name in CHECKPOINT_FILES) or has_staged_run(folder)


def remove_aborted(folder: Path) -> None:
    """Remove the staging folder of a process that aborted, if there is nothing in it to resume from."""
    if not is_finished(folder) and not _holds_work(folder, staging_folder(folder)):
        _remove(staging_folder(folder))


def remove_finished(parent: Path) -> None:
    """Remove the staging folders of finished runs in a folder, of processes that were killed at their last step."""
    with suppress(OSError), os.scandir(parent) as entries:
        names = [entry.name for entry in entries if entry.name.endswith(INSIDE) and len(entry.name) > len(INSIDE)]
        for name in names:
            staging = parent / name
            if name.startswith(".") and is_finished(parent / name[1 : -len(INSIDE)]):
                with suppress(InputOutputError, RunFolderError):
                    handle = _lock(staging, "in use", "", private=True)
                    try:
                        _remove(staging)
                    finally:
                        _release(staging, handle)


def discard_run(folder: Path) -> None:
    """Remove a run's folder and what an unfinished training left; the caller has locked the folder around it.

    Of a symbolic link, only the link is removed.
    """
    if folder.is_symlink():
        with suppress(OSError):
            folder.unlink()
    for path in (staging_folder(folder), folder):
        shutil.rmtree(path, ignore_errors=True)


def _release(staging: Path, handle: int) -> None:
    """Release the lock of a staging folder. Windows kept the open lock file of one that was removed."""
    os.close(handle)
    if not WINDOWS:
        return
    with suppress(OSError):  # another process may have locked it
        if [path.name for path in staging.iterdir()] == ["lock"]:
            (staging / "lock").unlink()
            staging.rmdir()


def _remove(staging: Path) -> None:
    with defer_signals():
        shutil.rmtree(staging, ignore_errors=True)


def _open_staging(folder: Path) -> tuple[Path, int]:
    """Create or find the staging folder, and lock it; inside `folder` where the place beside it does not serve.

    So it is for a mounted folder, a parent that is read-only, and a long name.
    """
    place = staging_folder(folder)
    inside = Path(os.path.realpath(folder)) / INSIDE
    places = [place] if os.path.lexists(place) else [place, inside]
    for place in places:
        try:
            return place, _lock_staging(place, folder)
        except OSError as error:
            refused = error
    raise InputOutputError(f"cannot write {folder}: {refused.strerror or refused}")


def _lock_staging(staging: Path, folder: Path) -> int:
    """Lock a staging folder, and try what the last step of a training does. OSError if the system refuses it."""
    is_new = not os.path.lexists(staging)
    try:
        handle = _lock(staging, f"another training is writing {folder}", "name another folder with --run", private=True)
    except OSError:
        with suppress(OSError):
            staging.rmdir()  # empty: the lock file could not be created
        raise
    try:
        if folder.is_dir():
            write_file(staging / TRIAL, b"\n", name=folder)
            rename_file(staging / TRIAL, folder / TRIAL)
            (folder / TRIAL).unlink()
    except BaseException:
        with suppress(OSError):
            (folder / TRIAL).unlink(missing_ok=True)
        if is_new:
            _remove(staging)
        os.close(handle)
        raise
    return handle


@contextmanager
def locked_folder(folder: Path, *, doing: str, hint: str) -> Iterator[None]:
    """Lock a folder, so that no other process works in it; `doing` names the work, for the error message."""
    try:
        handle = _lock(folder, f"another {doing} is writing {folder}", hint)
    except OSError as error:
        raise InputOutputError(f"cannot create {folder}: {error.strerror}") from None
    try:
        yield
    finally:
        release_lock(handle, folder / "lock")


def _lock(folder: Path, message: str, hint: str, *, private: bool = False) -> int:
    """Open and lock the lock file of a folder. The system releases the lock when the process dies.

    Raises InputOutputError with the message if another process has it, RunFolderError if the folder or its lock file
    is not what it should be, OSError if they cannot be created.
    """
    path = folder / "lock"
    for _ in range(MAX_ATTEMPTS):
        try:
            make_private_folder(folder) if private else make_folder(folder)
            handle = open_lock_file(path)
        except FileNotFoundError:
            if folder.parent.exists():
                continue  # another process removed the folder between the two calls
            raise
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENXIO, errno.EISDIR):
                break
            raise
        if not try_lock(handle):
            os.close(handle)
            raise InputOutputError(message, hint=hint)
        if is_open_file(path, handle):
            return handle
        os.close(handle)
    raise RunFolderError("not a lock file", where=str(path), hint="remove it")
