"""Work in threads: on chunks of columns, and ahead of its consumer."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import polars as pl

from zoo_core.forks import check_fork

T = TypeVar("T")
R = TypeVar("R")
THREAD_NAME = "zoo-ahead"  # prefix of the names of our threads
CHUNK_ROWS = 4096  # of a column that is mapped
MIN_CHUNK_ROWS = 1 << 15  # of a column that is split


def map_chunks(
    columns: pl.Series | Iterable[pl.Series], work: Callable[[pl.Series], T], *, chunk: int = CHUNK_ROWS
) -> Iterator[T]:
    """Apply `work` to consecutive chunks of one or several columns, in order, on all cores."""
    if isinstance(columns, pl.Series) and len(columns) <= chunk:
        return prefetch_map(work, [columns])
    if isinstance(columns, pl.Series):
        columns = [columns]
    starts = ((column, start) for column in columns for start in range(0, max(len(column), 1), chunk))
    chunks = (column.slice(start, chunk) for column, start in starts)
    return prefetch_map(work, chunks, threads=os.cpu_count() or 1)


def split_chunks(column: pl.Series) -> list[pl.Series]:
    """Split a column into the chunks it is stored in, so that each can be released by itself; small ones are joined."""
    chunks: list[pl.Series] = []
    for chunk in column.get_chunks():
        if chunks and len(chunks[-1]) < MIN_CHUNK_ROWS:
            chunks[-1].append(chunk)
        else:
            chunks.append(chunk)
    return chunks


def prefetch_map(work: Callable[[T], R], items: Iterable[T], *, threads: int = 1) -> Generator[R]:
    """Map `work` over items in order, computing the next results in threads while the caller uses the last one.

    Errors of `work` or of the items are raised in order, after the results before them. If the caller stops early,
    only the work that has started is waited for. A nested call runs in the thread of its caller, because the other
    threads are busy and many small steps would wait for each other; so does a call with a single item in a sequence,
    which no thread makes faster.

    >>> list(prefetch_map(len, ["a", "bc", ""]))
    [1, 2, 0]
    """
    check_fork()
    is_single = isinstance(items, Sequence) and len(items) < 2
    if is_single or threading.current_thread().name.startswith(THREAD_NAME):
        yield from map(work, items)
        return
    waiting = deque[Future[R]]()
    pool = ThreadPoolExecutor(threads, THREAD_NAME)
    try:
        for future in _submit_all(pool, work, items):
            waiting.append(future)
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _submit_all(pool: ThreadPoolExecutor, work: Callable[[T], R], items: Iterable[T]) -> Iterator[Future[R]]:
    """Submit the work on each item; an error of the items becomes a failed future."""
    try:
        for item in items:
            yield pool.submit(work, item)
    except Exception as error:
        failed = Future[R]()
        failed.set_exception(error)
        yield failed
