"""Forked processes: the threads of a pool do not survive a fork, and what waits for them waits forever.

A process that was forked before any pool started works as any other.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

from zoo_core.errors import ZooError

POLARS_THREAD = re.compile(r"polars-\d+")
TASKS = Path("/proc/self/task")
HINT = 'start it with multiprocessing.get_context("spawn")'

_has_used_polars = False  # known from our own calls; Linux lists the threads, also those that others started
_lost: tuple[str, ...] = ()  # libraries whose threads this process has lost by a fork
_before_fork: tuple[str, ...] = ()


def check_fork(*, threads: int = 1) -> None:
    """Raise ZooError if this process was forked after polars had started its threads, or torch if `threads` > 1."""
    global _has_used_polars
    lost = [name for name in _lost if name == "polars" or threads > 1]
    if lost:
        raise ZooError(f"this process was forked after {lost[0]} had started its threads: it would hang", hint=HINT)
    _has_used_polars = True


def after_fork(reset: Callable[[], None]) -> None:
    """Call `reset` in every forked process, to replace locks that another thread may have held."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=reset)


def _note_pools() -> None:
    global _before_fork
    torch = ("torch",) if "torch" in sys.modules else ()  # OpenMP does not tell whether it has started threads
    _before_fork = ("polars", *torch) if _has_polars_threads() else torch


def _note_losses() -> None:
    global _lost
    _lost = tuple(dict.fromkeys((*_lost, *_before_fork)))


def _has_polars_threads() -> bool:
    try:
        return any(POLARS_THREAD.fullmatch(_thread_name(task)) for task in TASKS.iterdir())
    except OSError:
        return _has_used_polars


def _thread_name(task: Path) -> str:
    try:
        return (task / "comm").read_text("utf-8", "replace").strip()
    except OSError:  # it has ended
        return ""


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_note_pools, after_in_child=_note_losses)
