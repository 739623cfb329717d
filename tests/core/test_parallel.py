"""prefetch_map gives the results and errors of `map` with any number of threads."""

from __future__ import annotations

import threading

import polars as pl
import pytest

from tests.limits import POLL_SECONDS, limit
from zoo_core.parallel import THREAD_NAME, map_chunks, prefetch_map, split_chunks

COUNTS = (1, 2, 16)


def faulty(items):
    yield from items
    raise ValueError("no item")


def halved(number):
    if number % 2:
        raise ArithmeticError(str(number))
    return number // 2


def taken(answers):
    """The results, and the error that ends them."""
    found = []
    try:
        found.extend(answers)
    except (ValueError, ArithmeticError) as error:
        return found, repr(error)
    return found, ""


@pytest.mark.parametrize("threads", COUNTS)
@pytest.mark.parametrize("items", [[], [0], [0, 2, 4, 6], [0, 2, 4, 5, 6, 7], [1]])
def test_prefetch_map_equals_map(items, threads):
    assert taken(prefetch_map(halved, items, threads=threads)) == taken(map(halved, items))
    assert taken(prefetch_map(halved, faulty(items), threads=threads)) == taken(map(halved, faulty(items)))


def test_nested_call_runs_in_the_thread_of_its_caller():
    def work(number):
        return {threading.get_ident(), *prefetch_map(lambda _: threading.get_ident(), range(number), threads=4)}

    assert all(len(found) == 1 for found in prefetch_map(work, [0, 3, 9], threads=2))
    assert threading.get_ident() not in set(prefetch_map(lambda _: threading.get_ident(), range(9), threads=2))


@pytest.mark.parametrize("threads", COUNTS)
def test_stopping_early_leaves_no_thread(threads):
    begun, go = [], threading.Event()

    def work(number):
        begun.append(number)
        assert number == 0 or go.wait(limit())

    answers = prefetch_map(work, range(99), threads=threads)
    next(answers)
    threading.Timer(POLL_SECONDS, go.set).start()
    answers.close()
    assert len(begun) <= threads + 1
    assert [one for one in threading.enumerate() if one.name.startswith(THREAD_NAME)] == []


def test_map_chunks_is_in_order():
    column = pl.Series(range(10))
    chunks = [chunk.to_list() for chunk in map_chunks(column, lambda chunk: chunk, chunk=4)]
    assert chunks == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert [len(chunk) for chunk in map_chunks(column.head(0), lambda chunk: chunk, chunk=4)] == [0]


def test_split_chunks_keeps_the_values():
    column = pl.Series(range(10))
    column.append(pl.Series(range(10, 70_000)))
    column.append(pl.Series([1, 2]))
    chunks = split_chunks(column)
    assert pl.concat(chunks).to_list() == column.to_list()
    assert 1 < len(chunks) <= 3


@pytest.mark.parametrize("column", [pl.Series(["a"]), pl.Series([], dtype=pl.String), pl.Series(["a"] * 9000)])
def test_a_single_chunk_needs_no_thread(column: pl.Series):
    names = list(map_chunks(column, lambda chunk: threading.current_thread().name))
    is_own = [name == threading.current_thread().name for name in names]
    assert is_own == ([True] if len(column) < 2 else [False] * 3)
