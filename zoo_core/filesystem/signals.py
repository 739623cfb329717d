"""Signals that would interrupt a write are held back until it is done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

HELD_BACK = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
Handler = Callable[[int, FrameType | None], Any] | int | None


class _Deferral:
    """Handlers that store signals while `is_active`, and hand them to the handlers before them otherwise."""

    def __init__(self) -> None:
        self.is_active = True
        self.arrived: list[int] = []
        found: dict[int, Handler] = {number: signal.getsignal(number) for number in HELD_BACK}
        self.handlers = {number: handler for number, handler in found.items() if handler not in (None, signal.SIG_IGN)}

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.is_active:
            self.arrived.append(number)
            return
        handler = self.handlers[number]
        if callable(handler):
            handler(number, frame)
        else:
            signal.signal(number, handler)
            signal.raise_signal(number)

    def install(self) -> None:
        for number in self.handlers:
            signal.signal(number, self)

    def remove(self) -> None:
        """Restore the handlers, then deliver what arrived. A handler that is not restored delivers at once."""
        self.is_active = False
        for number, handler in self.handlers.items():
            if signal.getsignal(number) is self:
                signal.signal(number, handler)
        for number in dict.fromkeys(self.arrived):
            signal.raise_signal(number)


_current: list[_Deferral] = []  # at most one: of the main thread, the only one that handles signals


@contextmanager
def defer_signals() -> Iterator[None]:
    """Hold back SIGINT, SIGTERM and SIGHUP inside the block; deliver them at its end, each once.

    A block inside another does nothing more, nor does one in another thread: Python handles signals in the main thread.
    """
    if _current or threading.current_thread() is not threading.main_thread():
        yield
        return
    deferral = _Deferral()
    try:
        _current.append(deferral)
        deferral.install()
        yield
    finally:
        _current.clear()
        deferral.remove()
