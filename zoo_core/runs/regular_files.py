"""Files read without trust: regular ones only, through no link, and no more bytes than expected."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from zoo_core.errors import RunFolderError

# A link is not followed, a named pipe does not block, and Windows does not translate line ends.
OPEN_FLAGS = sum(getattr(os, name, 0) for name in ("O_RDONLY", "O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))


def read_regular_file(path: Path, *, max_bytes: int | None = None) -> bytes:
    """Read a file. Raises RunFolderError for a link, a pipe, a device, and a file of more than `max_bytes`."""
    if not hasattr(os, "O_NOFOLLOW") and path.is_symlink():
        raise RunFolderError("symbolic links are not allowed", where=str(path))
    try:
        handle = os.open(path, OPEN_FLAGS)
    except FileNotFoundError:
        raise RunFolderError("the file is missing", where=str(path)) from None
    except OSError as error:
        is_link = error.errno == errno.ELOOP
        reason = "symbolic links are not allowed" if is_link else str(error.strerror)
        raise RunFolderError(reason, where=str(path)) from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise RunFolderError("not a regular file", where=str(path))
        if max_bytes is not None and status.st_size > max_bytes:
            raise RunFolderError(
                f"the file is too large: got {status.st_size} bytes, expected at most {max_bytes}", where=str(path)
            )
        with os.fdopen(handle, "rb", closefd=False) as stream:
            return stream.read()
    except OSError as error:
        raise RunFolderError(f"cannot read the file: {error.strerror}", where=str(path)) from None
    finally:
        os.close(handle)
