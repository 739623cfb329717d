"""Locks on open files, which the system lets go of when their process dies."""

from __future__ import annotations


def lock(handle: int) -> bool:
    """Whether the lock was to be had; True where the system knows no locks."""
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
