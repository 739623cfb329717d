"""Locks on open files, which the system releases when a process dies."""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

LOCKED_BYTE = 2**31 - 2  # Windows locks bytes, against reads and writes too: one beyond what our files hold
MAX_ATTEMPTS = 100  # to create a file that another process may remove meanwhile
# A link is not followed, a named pipe does not block, child processes do not inherit it, Windows writes bytes.
SAFE_FLAGS = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))


def try_lock(handle: int, *, without_locks: bool = True) -> bool:
    """Lock an open file if no other process has; `without_locks` if the file system has no locks.

    The system releases the lock when the file is closed, or when the process dies.
    """
    if sys.platform == "win32":
        return _try_lock_byte(handle, without_locks)
    try:
        import fcntl
    except ImportError:
        return without_locks
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return without_locks
    return True


def _try_lock_byte(handle: int, without_locks: bool) -> bool:
    import msvcrt

    try:
        os.lseek(handle, LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
        os.lseek(handle, 0, os.SEEK_SET)
    except PermissionError:
        return False
    except OSError:
        return without_locks
    return True


def open_lock_file(path: Path, permissions: int = 0o600) -> int:
    """Open a lock file, or create it. Raises OSError for a link, a pipe, and whatever is not a regular file."""
    handle = os.open(path, SAFE_FLAGS | os.O_CREAT | os.O_RDWR, permissions)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return handle
    os.close(handle)
    raise OSError(errno.ELOOP, "not a regular file", str(path))


def is_open_file(path: Path, handle: int) -> bool:
    """Whether a path still names an open file: another process may have removed or replaced it."""
    with suppress(OSError):
        return os.path.samestat(path.lstat(), os.fstat(handle))
    return False


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
