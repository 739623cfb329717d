"""How long tests wait: limits that no slow or busy machine reaches, since they grow with it.

They only end what hangs. No other file of the tests has a number of seconds (test_limits.py).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

LONGEST_SECONDS = 600.0  # a hundred times what the slowest process of a test needs on a machine of two idle cores
REFERENCE_SECONDS = 0.01  # of `_reference` on that machine
POLL_SECONDS = 0.01


def limit() -> float:
    """Return the seconds after which what a test waits for has hung, on this machine as busy as it is now."""
    return LONGEST_SECONDS * slowness()


def slowness() -> float:
    """How many times slower than two idle cores this machine is now; at least 1."""
    started = time.perf_counter()
    _reference()
    speed = (time.perf_counter() - started) / REFERENCE_SECONDS
    load = os.getloadavg()[0] / (os.cpu_count() or 1) if hasattr(os, "getloadavg") else 1.0
    return max(1.0, speed, load)


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Return once the condition is true; AssertionError with `what` if it has hung."""
    deadline = time.monotonic() + limit()
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(POLL_SECONDS)


def cpu_ratio(work: Callable[[], object], reference: Callable[[], object]) -> float:
    """How many times the processor time of the reference the work takes: the same on each machine, however busy."""
    return _cpu_seconds(work) / max(_cpu_seconds(reference), 1e-4)


def _cpu_seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _reference() -> int:
    return sum(number * number % 7 for number in range(100_000))
