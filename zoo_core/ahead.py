"""Work done on threads, a step ahead of where it is used."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def ahead(work: Callable[[T], R], items: Iterable[T], *, threads: int = 1) -> Iterator[R]:
    """`work` of each item, in order; that of the next ones, one for each thread, is done while the last is used.

    >>> list(ahead(len, ["a", "bc", ""]))
    [1, 2, 0]
    """
    waiting = deque[Future[R]]()
    with ThreadPoolExecutor(threads) as pool:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
