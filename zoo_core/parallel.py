"""With how many threads torch computes on the CPU."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import polars as pl
import torch

T = TypeVar("T")
R = TypeVar("R")
THREAD_NAME = "zoo-ahead"  # what these threads are called
CHUNK_ROWS = 4096  # rows
MIN_CHUNK_ROWS = 1 << 15  # rows


@contextmanager
def torch_threads(number: int) -> Iterator[None]:
    """Torch computing with this many threads inside the block, and with as many as before after it."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def map_chunks(
    columns: pl.Series | Iterable[pl.Series], work: Callable[[pl.Series], T], *, chunk: int = CHUNK_ROWS
) -> Iterator[T]:
    """`work` on consecutive pieces of a column, or of one after another, in order, on all cores."""
    if isinstance(columns, pl.Series):
        columns = [columns]
    starts = ((column, start) for column in columns for start in range(0, max(len(column), 1), chunk))
    pieces = (column.slice(start, chunk) for column, start in starts)
    return prefetch_map(work, pieces, threads=os.cpu_count() or 1)


def split_chunks(column: pl.Series) -> list[pl.Series]:
    """A column in pieces that can be let go one by one: as it was read, small ones together."""
    found: list[pl.Series] = []
    for chunk in column.get_chunks():
        if found and len(found[-1]) < MIN_CHUNK_ROWS:
            found[-1].append(chunk)
        else:
            found.append(chunk)
    return found


def prefetch_map(work: Callable[[T], R], items: Iterable[T], *, threads: int = 1) -> Generator[R]:
    """`work` of each item, in order; that of the next ones, one for each thread, is done while the last is used.

    What is raised, by work or by the items, is raised in its turn, as by `map`: after all that came before it. Who
    stops midway, or is interrupted, waits for the work that was begun and for no other.

    Work that asks for the same again is done where it stands: the threads are busy, and small steps taken by many of
    them wait for each other.

    >>> list(ahead(len, ["a", "bc", ""]))
    [1, 2, 0]
    """
    if threading.current_thread().name.startswith(THREAD_NAME):
        yield from map(work, items)
        return
    waiting = deque[Future[R]]()
    pool = ThreadPoolExecutor(threads, THREAD_NAME)
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
