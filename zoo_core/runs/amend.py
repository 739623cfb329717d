"""Amending a finished run: one file is added or replaced, with its hash in the manifest."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from zoo_core.errors import InputOutputError
from zoo_core.filesystem.locks import try_lock
from zoo_core.filesystem.sealed_files import AMENDABLE, MANIFEST
from zoo_core.filesystem.signals import defer_signals
from zoo_core.filesystem.writing import rename_file, write_file
from zoo_core.runs.store import FORMAT, pending_name, read_run, to_json


def amend_run(folder: Path, name: str, data: bytes) -> None:
    """Write one of the AMENDABLE files into a finished run; see `amend_files`."""
    amend_files(folder, {name: data})


def amend_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write some of the AMENDABLE files into a finished run, all of them or none.

    The change takes effect when the manifest is replaced, at once: the new files are stored under pending names before
    that, and `read_run` finds them whether or not they have their final names yet. Raises InputOutputError, and changes
    nothing, if the disk fails; RunFolderError if the run is invalid.
    """
    assert set(files) <= set(AMENDABLE)
    with _locked(folder):
        hashes = {file: sha256(content).hexdigest() for file, content in read_run(folder).items()}
        hashes |= {name: sha256(data).hexdigest() for name, data in files.items()}
        pending = {name: folder / pending_name(name, hashes[name]) for name in files}
        name = next(iter(files))
        try:
            mode = stat.S_IMODE((folder / MANIFEST).stat().st_mode)
            manifest = to_json({"format": FORMAT, "files": hashes})
            with defer_signals():
                for name, data in files.items():
                    write_file(pending[name], data, mode=mode, name=folder / name)
                write_file(folder / MANIFEST, manifest, name=folder / name)
        except OSError as error:
            raise InputOutputError(f"cannot write {folder / name}: {error.strerror or error}") from None
        with suppress(OSError):  # the change has taken effect: the pending names are read, too
            for name, path in pending.items():
                rename_file(path, folder / name)
                _remove_pending(folder, name)


def _remove_pending(folder: Path, name: str) -> None:
    """Remove what killed processes have not given its own name."""
    shape = re.compile(rf"{re.escape(pending_name(name, ''))}[0-9a-f]{{16}}")
    for path in folder.iterdir():
        if shape.fullmatch(path.name):
            path.unlink()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lock a run folder. Raises InputOutputError if another process amends it."""
    if os.name == "nt" or not folder.is_dir():  # Windows opens no folder; `read_run` reports a missing one
        yield
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise InputOutputError(f"cannot open {folder}: {error.strerror}") from None
    try:
        if not try_lock(handle):
            raise InputOutputError(f"another process is changing {folder}", hint="try again when it has finished")
        yield
    finally:
        os.close(handle)
