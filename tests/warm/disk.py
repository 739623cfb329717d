"""Files that are not waited for until a disk has them: tests write thousands, and no test survives a power cut."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable


def fsync_at_once(real: Callable[[int], None] = os.fsync) -> Callable[[int], None]:
    """Return an `os.fsync` that does nothing for files and folders; of other things, as pipes, it is the real one."""

    def fsync(handle: int) -> None:
        mode = os.fstat(handle).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            real(handle)

    return fsync
