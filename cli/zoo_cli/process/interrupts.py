"""Ctrl-C at any moment of `zoo`: one line and exit code 130, without a traceback. Imports next to nothing.

A signal that arrives during an import is delivered after it: an exception there could be swallowed by the module that
is loaded, or leave it half loaded. One that arrives in a finalizer, where Python drops exceptions, is sent again.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import Any, Literal, NoReturn

RETRY_SECONDS = 0.02  # until a signal is delivered that arrived during an import
TERMINATING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
IMPORT_MODULE = "<frozen importlib._bootstrap>"

_phase: Literal["starting", "running", "ending"] = "starting"
_postponed: set[int] = set()  # signals
_raised: list[BaseException] = []  # what the signals became


def handle_start() -> None:
    """Handle Ctrl-C while the command line itself is imported; nothing has to be kept there."""
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:  # as a shell has it for a command in the background
        signal.signal(signal.SIGINT, _handle)


def handle_command() -> None:
    """From now on, raise an exception: KeyboardInterrupt, or Terminated for SIGTERM and a closed terminal."""
    global _phase
    for number in (signal.SIGINT, *TERMINATING):
        if signal.getsignal(number) != signal.SIG_IGN:  # as `nohup` has it
            signal.signal(number, _handle)
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _retry)
    sys.unraisablehook = _retry_dropped
    _phase = "running"


def handle_end() -> None:
    """From now on, signals change nothing: the command has reported its result."""
    global _phase
    _phase = "ending"
    for number in (signal.SIGINT, *TERMINATING):
        signal.signal(number, signal.SIG_IGN)


def exit_interrupted() -> NoReturn:
    """End the process at once, with one line on standard error."""
    try:
        os.write(2, b"zoo: interrupted\n")
    finally:
        os._exit(130)


def _handle(number: int, frame: FrameType | None) -> None:
    if _phase == "ending":
        return
    if _phase == "starting":
        exit_interrupted()
    if _can_retry() and _is_importing(frame or sys._getframe()):
        _postpone(number)
        return
    _deliver(number)


def _deliver(number: int) -> NoReturn:
    from zoo_core.errors import Terminated

    stop = KeyboardInterrupt() if number == signal.SIGINT else Terminated()
    _raised.append(stop)
    raise stop


def last_interrupt() -> BaseException | None:
    """The exception of the last signal: native code may have turned it into another one."""
    return _raised[-1] if _raised else None


def _can_retry() -> bool:
    return hasattr(signal, "setitimer")


def _is_importing(frame: FrameType | None) -> bool:
    """Whether a module is loaded by one of the callers."""
    while frame is not None:
        if frame.f_code.co_filename == IMPORT_MODULE:
            return True
        frame = frame.f_back
    return False


def _postpone(number: int) -> None:
    if sys.platform == "win32":
        return
    _postponed.add(number)
    signal.setitimer(signal.ITIMER_REAL, RETRY_SECONDS)


def _retry(_number: int, _frame: FrameType | None) -> None:
    """Send the postponed signals again, to the handlers that are installed now."""
    numbers = tuple(_postponed)  # a handler may postpone them again
    _postponed.clear()
    for number in numbers:
        signal.raise_signal(number)


def _retry_dropped(dropped: Any) -> None:
    """Send a signal again whose exception Python drops, because it was raised in a finalizer or a callback."""
    if dropped.exc_type is None or not issubclass(dropped.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(dropped)
    elif _phase == "running" and _can_retry():
        _postpone(signal.SIGINT if dropped.exc_type is KeyboardInterrupt else signal.SIGTERM)
