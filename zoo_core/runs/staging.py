"""The desk of an unfinished run, beside its folder: a lock, what it began with, and its checkpoint.

It goes once the run is whole or has failed; what a killed process leaves is what `resume` goes on from.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from attrs import frozen

from zoo_core.errors import InputOutputError, RecipeError, RunFolderError
from zoo_core.filesystem import WINDOWS, release_lock, try_lock
from zoo_core.runs.store import is_finished, parse_json, to_json

FORMAT = 1
RESUME_FILE = "resume.json"
CHECKPOINT = "checkpoint.safetensors"


@frozen
class ResumeInfo:
    """What a run began with: its recipe, name and text, and where its data lies (None for the task's sample)."""

    name: str
    recipe: str
    data: list[str] | None
    reader: str
    working_folder: str  # the working folder that `data` is seen from

    def write(self, desk: Path) -> None:
        """Keep it, at once or not at all."""
        fields = {name: getattr(self, name) for name in ("name", "recipe", "data", "reader", "working_folder")}
        partial = desk / f"{RESUME_FILE}.partial"
        try:
            partial.write_bytes(to_json({"format": FORMAT, **fields}))
            partial.replace(desk / RESUME_FILE)
        except OSError as error:
            raise InputOutputError(f"cannot write {partial}: {error.strerror or error}") from None

    @classmethod
    def read(cls, desk: Path) -> ResumeInfo:
        """What was kept; RunFolderError for anything else."""
        path = desk / RESUME_FILE
        found = parse_json(path.read_bytes(), str(path))
        if not _sound(found):
            raise RunFolderError("this is no beginning of a run", where=str(path))
        return cls(found["name"], found["recipe"], found["data"], found["reader"], found["working_folder"])


def _sound(found: Any) -> bool:
    if not isinstance(found, Mapping) or found.get("format") != FORMAT:
        return False
    texts = all(isinstance(found.get(name), str) for name in ("name", "recipe", "reader", "working_folder"))
    data = found.get("data", 0)
    return texts and (data is None or (isinstance(data, list) and all(isinstance(one, str) for one in data)))


def staging_folder(folder: Path) -> Path:
    """Where the desk of a run's folder is: beside it, hidden."""
    whole = folder.absolute()
    return whole.parent / f".{whole.name}.unfinished"


def is_resumable(folder: Path) -> bool:
    """Whether a run into this folder was begun and never ended."""
    return not is_finished(folder) and (staging_folder(folder) / RESUME_FILE).is_file()


@contextmanager
def staging_area(folder: Path, *, resume: bool = False) -> Iterator[Path]:
    """The desk of a run into `folder`, locked: no other training writes there meanwhile.

    InputOutputError where one does; RecipeError where one was killed and this is another. The desk is cleared
    at the end, but for a checkpoint that could not be made a run because the disk would not take it.
    """
    desk = staging_folder(folder)
    handle = _locked(desk, f"another training is writing {folder}", "name another folder with --run")
    try:
        if not resume and (desk / RESUME_FILE).exists():
            hint = f"zoo train --resume {folder} goes on with it; or name another folder with --run"
            raise RecipeError(f"a run into {folder} was begun and never finished", hint=hint)
        try:
            yield desk
        except InputOutputError:
            if not (desk / CHECKPOINT).exists():
                _cleared(desk)
            raise
        except BaseException:
            if not resume:  # what could not be resumed is left as it was found
                _cleared(desk)
            raise
        _cleared(desk)
    finally:
        os.close(handle)
        if WINDOWS:
            _delete_idle(desk)


def _delete_idle(desk: Path) -> None:
    """Delete a cleared staging folder on Windows, which kept its open lock file; one that another locked stays."""
    with suppress(OSError):
        if [path.name for path in desk.iterdir()] == ["lock"]:
            (desk / "lock").unlink()
            desk.rmdir()


def _cleared(desk: Path) -> None:
    shutil.rmtree(desk, ignore_errors=True)
    name = desk.name.removesuffix(".unfinished")
    for partial in desk.parent.glob(f"{name}.*.partial"):  # of a process that was killed while it wrote
        shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def locked_folder(folder: Path, *, doing: str, hint: str) -> Iterator[None]:
    """A folder that no other process works in meanwhile: `doing` is what it would be doing."""
    handle = _locked(folder, f"another {doing} is writing {folder}", hint)
    try:
        yield
    finally:
        release_lock(handle, folder / "lock")


def _locked(desk: Path, taken: str, hint: str) -> int:
    """An open file of the desk that this process alone has locked. The system lets go of it when the process dies."""
    while True:
        try:
            desk.mkdir(exist_ok=True)
            handle = os.open(desk / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        except FileNotFoundError:
            if desk.parent.exists():
                continue  # cleared by another between the two
            raise
        except OSError as error:
            raise InputOutputError(f"cannot make {desk}: {error.strerror}") from None
        if not try_lock(handle):
            os.close(handle)
            raise InputOutputError(taken, hint=hint)
        with suppress(OSError):
            if os.path.samestat((desk / "lock").stat(), os.fstat(handle)):
                return handle
        os.close(handle)
