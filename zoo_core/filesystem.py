"""Locks, atomic writes and names of files, the same on Linux, macOS and Windows."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from unicodedata import normalize

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


def slugify(name: str, *, default: str = "variant", limit: int = 40, ascii_only: bool = False) -> str:
    """A name as lower-case letters and digits joined by hyphens, for files; `default` if nothing is left.

    Letters of every script stay, in composed form (NFC), unless `ascii_only`. `limit` counts bytes of UTF-8.

    >>> slugify("model=MLP, lr=0.1"), slugify("식당 리뷰")
    ('model-mlp-lr-0-1', '식당-리뷰')
    """
    words = re.sub(r"[^a-z0-9]+" if ascii_only else r"[\W_]+", "-", normalize("NFC", name).lower()).strip("-")
    return words.encode()[:limit].decode(errors="ignore").strip("-") or default


def write_file(
    path: Path, data: bytes, *, sync: bool = False, mode: int | None = None, name: Path | None = None
) -> None:
    """Write a file completely or not at all; a symbolic link is replaced, not followed.

    `sync` waits until the data is on the disk, `mode` sets permissions. InputOutputError if it cannot be written;
    its message has `name` instead of `path`, if given.
    """
    with _replacing(path, name or path) as stream:
        stream.write(data)
        if sync:
            stream.flush()
            os.fsync(stream.fileno())
        if mode is not None:
            Path(stream.name).chmod(mode)


@contextmanager
def atomic_write(path: str | Path) -> Iterator[IO[bytes]]:
    """A stream to a temporary file that replaces `path` when the block ends; InputOutputError if it fails.

    A symbolic link is followed; a pipe or a device is written to directly.
    """
    try:
        target = Path(path).resolve()
        if target.exists() and not target.is_file() and not target.is_dir():
            with target.open("wb") as stream:
                yield stream
            return
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InputOutputError(f"cannot write {path}: {error.strerror or error}") from None
    with _replacing(target, path) as stream:
        yield stream


@contextmanager
def _replacing(target: Path, name: str | Path) -> Iterator[IO[bytes]]:
    """A stream to a temporary file beside `target` that replaces it; `name` is its name in messages."""
    partial = target.with_name(f".{target.name.lstrip('.')}.{os.urandom(4).hex()}.partial")
    try:
        with partial.open("xb") as stream:
            yield stream
        partial.replace(target)
    except OSError as error:
        raise InputOutputError(f"cannot write {name}: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
