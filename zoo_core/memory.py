"""Available and peak memory, and returning freed memory to the operating system (glibc)."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from zoo_core.errors import InputOutputError

SMALL_BYTES = 64 << 20  # needs no check
CGROUP = Path("/sys/fs/cgroup")  # of a container

MMAP_THRESHOLD_BYTES = 4 << 20  # above the arrays of a chunk, below whole columns; a lower value costs time
MAX_TRIM_BYTES = (1 << 31) - 1
DEFAULT_MMAP_MAX = 65536
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_MMAP_MAX = -1, -3, -4  # of malloc.h
_is_tuned = False

# torch, numpy and polars have no class of error for an allocation that fails, or for a size that no memory has
OUT_OF_MEMORY_TEXTS = (
    "allocate memory",
    "not enough memory",
    "out of memory",
    "bad_alloc",
    "size calculation overflowed",
    "integer multiplication overflow",
    "array is too big",
    "maximum allowed dimension",
    "capacity overflow",
    "memory allocation",
    "can't start new thread",
    "resource temporarily unavailable",
    "failed to map segment",
    "binary is missing",
)
NATIVE_ERRORS = (
    "RuntimeError",
    "OutOfMemoryError",
    "ValueError",
    "PanicException",
    "ComputeError",
    "ImportError",
    "UserWarning",
)


FULL_SHARE = 0.9  # of a limited address space: from here on, small allocations may fail


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of a native library, or of starting a thread, means that memory is exhausted.

    Under a limit of the address space that was nearly reached, every error does but those of the system: code that
    misses a failed allocation raises any error afterwards.
    """
    if isinstance(error, MemoryError):
        return True
    text = str(error).lower()
    if type(error).__name__ in NATIVE_ERRORS and any(part in text for part in OUT_OF_MEMORY_TEXTS):
        return True
    return not isinstance(error, OSError | UnicodeError) and _was_address_space_full()


def _was_address_space_full() -> bool:
    if (limit := _address_space_limit()) is None:
        return False
    with suppress(OSError, ValueError, IndexError):
        peak = Path("/proc/self/status").read_text("ascii", "replace").partition("VmPeak:")[2].split()[0]
        return int(peak) * 1024 > FULL_SHARE * limit
    return False


def _address_space_limit() -> int | None:
    """The limit of the address space in bytes (`ulimit -v`); None if there is none."""
    if sys.platform != "linux":
        return None
    import resource

    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if limit == resource.RLIM_INFINITY else limit


def available_memory() -> int | None:
    """The memory in bytes that this process may still take without swapping; None if the system does not report it."""
    found = []
    with suppress(OSError, ValueError, IndexError):
        fields = Path("/proc/meminfo").read_text("ascii").partition("MemAvailable:")[2].split()
        found.append(int(fields[0]) * 1024)
    with suppress(OSError, ValueError):  # "max" stands for no limit
        limit = int((CGROUP / "memory.max").read_text("ascii"))
        found.append(limit - int((CGROUP / "memory.current").read_text("ascii")))
    found += _read_address_space()
    return min(found, default=None)


def _read_address_space() -> list[int]:
    """The address space that a limit (`ulimit -v`) leaves to this process, if there is a limit."""
    limit = _address_space_limit()
    if sys.platform == "win32" or limit is None:
        return []
    import resource

    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    return [max(limit - pages * resource.getpagesize(), 0)]


def require_memory(num_bytes: int, doing: str) -> None:
    """Raise InputOutputError if this much memory is not available: the system would kill the process later."""
    available = available_memory() if num_bytes > SMALL_BYTES else None
    if available is not None and num_bytes > available:
        needed, free = (f"{size / 1e6:,.0f} MB" for size in (num_bytes, available))
        raise InputOutputError(f"{doing} takes {needed} of memory, and {free} are available")


def peak_memory() -> int | None:
    """The peak memory of this process in bytes; None if the system does not report it."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def release_free_memory() -> None:
    """Return small freed blocks to the operating system. Does nothing without glibc.

    Source: malloc_trim(3).
    """
    if sys.platform == "linux":
        malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if malloc_trim is not None:
            malloc_trim(0)


def tune_malloc() -> None:
    """Return the memory of large arrays to the operating system as soon as they are freed, from now on.

    It sets malloc options of glibc for the whole process, and does nothing without glibc. By default glibc raises its
    threshold with each large array that is freed, up to 32 MiB, and keeps later arrays: the peak memory of a run is
    then the sum of what it needed at different times.

    Source: mallopt(3), on the dynamic mmap threshold.
    """
    global _is_tuned
    _is_tuned = _set_thresholds()


def _set_thresholds() -> bool:
    is_set = _set_malloc(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES)
    _set_malloc(M_TRIM_THRESHOLD, 2 * MMAP_THRESHOLD_BYTES)
    return is_set


@contextmanager
def keep_freed_memory(*, is_useful: bool = True) -> Iterator[None]:
    """Keep the memory of freed arrays for the next ones in the block, if `tune_malloc` returns it otherwise.

    A step of a model with padded sequences, dense features or many classes frees arrays above the threshold, or a large
    part of the heap, and allocates the same again: their pages would be returned and cleared each time
    (`benchmarks/padded_steps.py` measures it).
    """
    if not (is_useful and _is_tuned):
        yield
        return
    _set_malloc(M_MMAP_MAX, 0)
    _set_malloc(M_TRIM_THRESHOLD, MAX_TRIM_BYTES)
    try:
        yield
    finally:
        _set_malloc(M_MMAP_MAX, DEFAULT_MMAP_MAX)
        _set_thresholds()
        release_free_memory()


def _set_malloc(option: int, value: int) -> bool:
    """Set a malloc option of glibc; returns whether there is one to set."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    return mallopt is not None and bool(mallopt(option, value))
