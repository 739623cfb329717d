"""Temporary files and folders beside what they replace, locked by the process that writes them.

Their names are `.NAME.HEX.partial`. The next write of NAME removes those that a killed process left: it finds them by
their exact name, and recognizes them by the lock, which the system has released.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from zoo_core.filesystem.locks import MAX_ATTEMPTS, SAFE_FLAGS, is_open_file, try_lock

MAX_NAME_BYTES = 100  # longer names are hashed: a hidden prefix would make them too long for some file systems
SUFFIX = re.compile(r"[0-9a-f]{8}\.partial")


def create_temporary(target: Path, permissions: int) -> tuple[int, Path]:
    """Create and lock a new file beside `target`; its descriptor and path. OSError if the system refuses it."""
    for _ in range(MAX_ATTEMPTS):
        path = _temporary_path(target)
        handle = os.open(path, SAFE_FLAGS | os.O_RDWR | os.O_CREAT | os.O_EXCL, permissions)
        if try_lock(handle) and is_open_file(path, handle):  # otherwise another process took it for a leftover
            return handle, path
        os.close(handle)
    raise FileExistsError(17, "cannot create a temporary file", str(target))


def create_temporary_folder(target: Path) -> tuple[int | None, Path]:
    """Create and lock a new folder beside `target`; its descriptor and path. Windows opens no folder."""
    path = _temporary_path(target)
    path.mkdir(mode=0o700)
    if os.name == "nt":
        return None, path
    handle = os.open(path, SAFE_FLAGS | os.O_RDONLY)
    try_lock(handle)
    return handle, path


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new empty folder, of this user alone, in the system's folder for temporary files; removed after the block."""
    with tempfile.TemporaryDirectory(prefix="textzoo-") as name:
        yield Path(name)


def remove_leftovers(target: Path) -> None:
    """Remove the temporary files and folders of killed processes that wrote `target`; those in use stay."""
    prefix = _prefix(target)
    with suppress(OSError), os.scandir(target.parent) as entries:
        for entry in entries:
            if entry.name.startswith(prefix) and SUFFIX.fullmatch(entry.name[len(prefix) :]):
                _remove_unlocked(Path(entry.path))


def _temporary_path(target: Path) -> Path:
    return target.with_name(f"{_prefix(target)}{os.urandom(4).hex()}.partial")


def _prefix(target: Path) -> str:
    name = os.fsencode(target.name)
    if len(name) <= MAX_NAME_BYTES:
        return f".{target.name}."
    from hashlib import sha256  # here, because loading OpenSSL takes time

    return f".{sha256(name).hexdigest()[:32]}."


def _remove_unlocked(path: Path) -> None:
    """Remove a file or folder of this user that no process has locked."""
    with suppress(OSError):
        handle = os.open(path, SAFE_FLAGS | os.O_RDONLY)
        try:
            found = os.fstat(handle)
            if not is_own(found) or not try_lock(handle, without_locks=False) or not is_open_file(path, handle):
                return
            if stat.S_ISREG(found.st_mode):
                path.unlink()
            elif stat.S_ISDIR(found.st_mode):
                shutil.rmtree(path)
        finally:
            os.close(handle)


def is_own(found: os.stat_result) -> bool:
    """Whether a file or folder belongs to the user of this process."""
    return sys.platform == "win32" or os.name == "nt" or found.st_uid == os.geteuid()
