"""Work done on threads, a step ahead of where it is used."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
NAME = "zoo-ahead"  # what these threads are called


def ahead(work: Callable[[T], R], items: Iterable[T], *, threads: int = 1) -> Generator[R]:
    """`work` of each item, in order; that of the next ones, one for each thread, is done while the last is used.

    What is raised, by work or by the items, is raised in its turn, as by `map`: after all that came before it. Who
    stops midway, or is interrupted, waits for the work that was begun and for no other.

    Work that asks for the same again is done where it stands: the threads are busy, and small steps taken by many of
    them wait for each other.

    >>> list(ahead(len, ["a", "bc", ""]))
    [1, 2, 0]
    """
    if threading.current_thread().name.startswith(NAME):
        yield from map(work, items)
        return
    waiting = deque[Future[R]]()
    pool = ThreadPoolExecutor(threads, NAME)
    try:
        for future in _begun(pool, work, items):
            waiting.append(future)
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _begun(pool: ThreadPoolExecutor, work: Callable[[T], R], items: Iterable[T]) -> Iterator[Future[R]]:
    """The work on each item; an error of the items in its turn, after what came before it."""
    try:
        for item in items:
            yield pool.submit(work, item)
    except Exception as error:
        failed = Future[R]()
        failed.set_exception(error)
        yield failed
