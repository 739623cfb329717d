"""Giving a finished run one more file, or other bytes for one it was given."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from zoo_core.errors import InputOutputError
from zoo_core.filesystem import try_lock
from zoo_core.runs.store import AMENDABLE, FORMAT, MANIFEST, pending_name, read_run, to_json


def amend_run(folder: Path, name: str, data: bytes) -> None:
    """Write a file of LATER into a finished run, with its hash in the manifest.

    The run is as it was until the manifest is replaced, at once, and from then on as it will be: the file lies ready
    beside its name, where `read_run` finds it whether or not it has taken its name yet. Nothing changes where the
    disk will not take it (InputOutputError) or where the run is no sound one (RunFolderError).
    """
    assert name in AMENDABLE
    with _locked(folder):
        files = {one: sha256(own).hexdigest() for one, own in read_run(folder).items()}
        files[name] = sha256(data).hexdigest()
        waiting = folder / pending_name(name, files[name])
        try:
            _place(waiting, data)
            _place(folder / MANIFEST, to_json({"format": FORMAT, "files": files}))
            waiting.replace(folder / name)
        except OSError as error:
            raise InputOutputError(f"cannot write {folder / name}: {error.strerror or error}") from None
        for left in [*folder.glob(f".{name}.*"), *folder.glob(f".{MANIFEST}.*")]:  # by a process that was killed
            with suppress(OSError):
                left.unlink()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Nobody else amends this run meanwhile; InputOutputError where one does."""
    if os.name == "nt" or not folder.is_dir():  # where no folder can be opened; where `read_run` says what is wrong
        yield
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise InputOutputError(f"cannot open {folder}: {error.strerror}") from None
    try:
        if not try_lock(handle):
            raise InputOutputError(f"another process is changing {folder}", hint="try again when it has ended")
        yield
    finally:
        os.close(handle)


def _place(path: Path, data: bytes) -> None:
    """A whole file under its name at once, and on the disk."""
    handle, partial = tempfile.mkstemp(prefix=f".{path.name.lstrip('.')}.", suffix=".partial", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(partial).chmod((path.parent / MANIFEST).stat().st_mode & 0o777)
        Path(partial).replace(path)
    finally:
        Path(partial).unlink(missing_ok=True)
