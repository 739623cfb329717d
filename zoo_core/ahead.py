"""Work done on a thread, one step ahead of where it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def ahead(work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """`work` of each item, in order; that of the next one is done while the last is used.

    >>> list(ahead(len, ["a", "bc", ""]))
    [1, 2, 0]
    """
    with ThreadPoolExecutor(1) as pool:
        pending: Future[R] | None = None
        for item in items:
            following = pool.submit(work, item)
            if pending is not None:
                yield pending.result()
            pending = following
        if pending is not None:
            yield pending.result()
