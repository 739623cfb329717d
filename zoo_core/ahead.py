"""Work done on threads, a step ahead of where it is used."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
here = threading.local()


def ahead(work: Callable[[T], R], items: Iterable[T], *, threads: int = 1) -> Iterator[R]:
    """`work` of each item, in order; that of the next ones, one for each thread, is done while the last is used.

    Work that asks for the same again is done where it stands: the threads are busy, and small steps taken by many of
    them wait for each other.

    >>> list(ahead(len, ["a", "bc", ""]))
    [1, 2, 0]
    """
    if getattr(here, "at_work", False):
        yield from map(work, items)
        return
    waiting = deque[Future[R]]()
    with ThreadPoolExecutor(threads, initializer=_begin) as pool:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _begin() -> None:
    here.at_work = True
