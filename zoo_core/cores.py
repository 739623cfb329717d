"""Work on one piece after another, on all cores."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
P = TypeVar("P")


def in_order(work: Callable[[P], T], pieces: Iterable[P]) -> Iterator[T]:
    """`work` of each piece, in order, on all cores: for native code that lets go of the interpreter.

    It is a few pieces ahead of what is taken, so that neither pieces nor results stand in memory all at once, and the
    next piece is made beside it.
    """
    cores, waiting = os.cpu_count() or 1, deque[Future[T]]()
    with ThreadPoolExecutor(cores) as pool:
        for piece in pieces:
            waiting.append(pool.submit(work, piece))
            if len(waiting) > 2 * cores:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
