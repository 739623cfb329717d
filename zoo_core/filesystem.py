"""Locks, atomic writes and names of files, the same on Linux, macOS and Windows."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from zoo_core.errors import InputOutputError

WINDOWS = os.name == "nt"
LOCKED_BYTE = 2**31 - 2  # Windows locks bytes, against reads and writes too: one beyond what our files hold


def try_lock(handle: int) -> bool:
    """Lock an open file if no other process has; True also if the file system has no locks.

    The system releases the lock when the file is closed, or when the process dies.
    """
    if sys.platform == "win32":
        return _try_lock_byte(handle)
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _try_lock_byte(handle: int) -> bool:
    import msvcrt

    try:
        os.lseek(handle, LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
    except PermissionError:
        return False
    except OSError:
        return True
    return True


def release_lock(handle: int, path: Path) -> None:
    """Delete a lock file and close it: in this order, so that nobody locks a deleted file, except on Windows.

    Windows deletes no open file. There the deletion fails, as it should, if another process has opened it meanwhile.
    """
    deleted = False
    try:
        with suppress(PermissionError):
            path.unlink(missing_ok=True)
            deleted = True
    finally:
        os.close(handle)
    if not deleted:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def replace_empty_folder(source: Path, target: Path) -> None:
    """Rename a folder to the name of an empty one, or to a free name; OSError if that folder holds something."""
    if WINDOWS and target.is_dir():  # Windows renames nothing onto a folder
        target.rmdir()
    source.rename(target)


def write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        raise InputOutputError(f"cannot write {path}: {error.strerror or error}") from None


def slugify(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-") or "choice"


@contextmanager
def atomic_write(path: str) -> Iterator[IO[bytes]]:
    """A stream beside `path` that takes its name when everything was written; InputOutputError if it cannot.

    A symbolic link is followed; a pipe or a device is written to as it is.
    """
    from zoo_core.errors import InputOutputError

    try:
        target = Path(path).resolve()
        if target.exists() and not target.is_file() and not target.is_dir():
            with target.open("wb") as stream:
                yield stream
            return
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InputOutputError(f"cannot write {path}: {error.strerror or error}") from None
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(target)
    except OSError as error:
        raise InputOutputError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        Path(name).unlink(missing_ok=True)
