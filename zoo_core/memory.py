"""What becomes of memory that is no longer needed."""

from __future__ import annotations

import ctypes
import sys


def peak_memory() -> int | None:
    """The most bytes this process has held at once; None where the system does not say."""
    if sys.platform == "win32":
        return None
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


MMAP_THRESHOLD_BYTES = 4 << 20  # bytes: pieces of work are smaller, whole columns larger; below it, time is lost
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of malloc.h


def release_free_memory() -> None:
    """Give back to the system what was freed in small pieces and lies between others, of glibc alone.

    Source: malloc_trim(3).
    """
    if sys.platform == "linux":
        malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if malloc_trim is not None:
            malloc_trim(0)


def tune_malloc() -> None:
    """From now on, give the memory of large arrays back to the system as soon as they are freed.

    Of glibc alone, for the whole process. Left to itself it takes each large array that is freed for a sign to keep the
    next ones, up to 32 MiB, for itself: a run then holds what it needed at one time or another, not at once.

    Source: mallopt(3), on the dynamic mmap threshold.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES)
        mallopt(M_TRIM_THRESHOLD, 2 * MMAP_THRESHOLD_BYTES)
