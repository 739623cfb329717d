"""The end of `zoo` without the cleanup of the interpreter, which takes a tenth of a second once torch is imported.

Threads are waited for, functions registered with `atexit` are called, and the standard streams are flushed. Plugins
that do not come with textzoo may rely on the cleanup, which closes their open files: it is not skipped with them.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import sys

_codes: list[int] = []  # the exit code, once the command has ended
_allowed: list[bool] = []  # whether each zoo that was opened permits it


def register_end() -> None:
    """Register the end of the process; to call first, because functions are called in reverse order."""
    atexit.register(_end)


def allow_fast_end(*, is_allowed: bool) -> None:
    """Note whether the plugins of a zoo that was opened permit to skip the cleanup."""
    _allowed.append(is_allowed)


def note_end(code: int) -> None:
    """Note the exit code of the command that has ended."""
    _codes.append(code)


def _end() -> None:
    """Exit with the exit code of the command, if it has ended by itself and the plugins permit it."""
    if not _codes or not _allowed or not all(_allowed):
        return
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(_codes[-1])
