"""Signals that would interrupt a write are held back until it is done."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

HELD_BACK = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
GRACE_SECONDS = 1.0  # from the signal that ends a training to the block that keeps what was trained
Handler = Callable[[int, FrameType | None], Any] | int | None


class _Deferral:
    """Handlers that store signals while a block holds them, and hand them to the handlers before them otherwise.

    With `after_first`, those that follow the first one within GRACE_SECONDS are stored, too.
    """

    def __init__(self, after_first: bool) -> None:
        self.after_first = after_first
        self.first_seconds = -GRACE_SECONDS
        self.holding = 0  # blocks
        self.arrived: list[int] = []
        found: dict[int, Handler] = {number: signal.getsignal(number) for number in HELD_BACK}
        self.handlers = {number: handler for number, handler in found.items() if handler not in (None, signal.SIG_IGN)}

    def __call__(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self.holding or (self.after_first and now - self.first_seconds < GRACE_SECONDS):
            self.arrived.append(number)
            return
        self.first_seconds = now
        handler = self.handlers[number]
        if callable(handler):
            handler(number, frame)
        else:
            signal.signal(number, handler)
            signal.raise_signal(number)

    def install(self) -> None:
        for number in self.handlers:
            signal.signal(number, self)

    def release(self) -> None:
        """End a block; the last one delivers what arrived, each once."""
        self.holding -= 1
        if not self.holding:
            arrived, self.arrived = self.arrived, []
            for number in dict.fromkeys(arrived):
                self(number, None)

    def remove(self) -> None:
        """Restore the handlers, then deliver what arrived. A handler that is not restored delivers at once."""
        self.holding, self.after_first = 0, False
        for number, handler in self.handlers.items():
            if signal.getsignal(number) is self:
                signal.signal(number, handler)
        for number in dict.fromkeys(self.arrived):
            signal.raise_signal(number)


_current: list[_Deferral] = []  # at most one: of the main thread, the only one that handles signals


@contextmanager
def defer_signals(*, after_first: bool = False) -> Iterator[None]:
    """Hold back SIGINT, SIGTERM and SIGHUP inside the block; deliver them at its end, each once.

    With `after_first`, only those that follow one that was delivered inside the block within a second: time to enter
    another block. Python handles signals in the main thread, so there is nothing to do in others.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    if _current:
        deferral = _current[0]
        deferral.holding += not after_first
        try:
            yield
        finally:
            if not after_first:
                deferral.release()
        return
    deferral = _Deferral(after_first)
    deferral.holding += not after_first
    try:
        _current.append(deferral)
        deferral.install()
        yield
    finally:
        _current.clear()
        deferral.remove()
