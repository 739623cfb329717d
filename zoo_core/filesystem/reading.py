"""Reading files that may be anything: regular ones alone, of bounded size, without waiting for a pipe."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from zoo_core.errors import ZooError
from zoo_core.memory import require_memory

# A named pipe does not block, and Windows does not translate line ends.
OPEN_FLAGS = sum(getattr(os, name, 0) for name in ("O_RDONLY", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC"))


def read_bounded(
    path: Path, max_bytes: int, error: type[ZooError], *, follow_links: bool = False, first_bytes: int | None = None
) -> bytes:
    """Read a regular file of at most `max_bytes`, or only its first bytes.

    Raises `error` for one that is not regular or larger, InputOutputError if the memory does not suffice, OSError if it
    cannot be opened or read; ELOOP stands for a link unless `follow_links`.
    """
    if not hasattr(os, "O_NOFOLLOW") and not follow_links and path.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    flags = OPEN_FLAGS | (0 if follow_links else getattr(os, "O_NOFOLLOW", 0))
    handle = os.open(path, flags)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise error(f"not a regular file, but a {file_kind(status.st_mode)}", where=str(path))
        if status.st_size > max_bytes:
            limit = f"{max_bytes >> 20} MiB" if max_bytes >> 20 else f"{max_bytes >> 10} KiB"
            raise error(f"larger than {limit}: the file has {status.st_size:,} bytes", where=str(path))
        size = status.st_size if first_bytes is None else min(first_bytes, status.st_size)
        require_memory(size, f"reading {path}")
        with os.fdopen(handle, "rb", closefd=False) as stream:
            return stream.read(size)
    finally:
        os.close(handle)


def file_kind(mode: int) -> str:
    """What a file is, by its mode, in a word or two.

    >>> file_kind(stat.S_IFIFO)
    'named pipe'
    """
    kinds = {stat.S_IFDIR: "folder", stat.S_IFIFO: "named pipe", stat.S_IFSOCK: "socket", stat.S_IFLNK: "link"}
    return kinds.get(stat.S_IFMT(mode), "device")
