"""Work done ahead: what comes of it is what `map` gives, errors and all, whatever the number of threads."""

from __future__ import annotations

import threading

import pytest

from zoo_core.parallel import THREAD_NAME, prefetch_map

COUNTS = (1, 2, 16)


def faulty(items):
    yield from items
    raise ValueError("no item")


def halved(number):
    if number % 2:
        raise ArithmeticError(str(number))
    return number // 2


def taken(answers):
    """What is answered, and what is said by the error that ends it."""
    found = []
    try:
        found.extend(answers)
    except (ValueError, ArithmeticError) as error:
        return found, repr(error)
    return found, ""


@pytest.mark.parametrize("threads", COUNTS)
@pytest.mark.parametrize("items", [[], [0], [0, 2, 4, 6], [0, 2, 4, 5, 6, 7], [1]])
def test_it_is_map(items, threads):
    assert taken(prefetch_map(halved, items, threads=threads)) == taken(map(halved, items))
    assert taken(prefetch_map(halved, faulty(items), threads=threads)) == taken(map(halved, faulty(items)))


def test_the_same_inside_is_done_where_it_stands():
    def work(number):
        return {threading.get_ident(), *prefetch_map(lambda _: threading.get_ident(), range(number), threads=4)}

    assert all(len(found) == 1 for found in prefetch_map(work, [0, 3, 9], threads=2))
    assert threading.get_ident() not in set(prefetch_map(lambda _: threading.get_ident(), range(9), threads=2))


@pytest.mark.parametrize("threads", COUNTS)
def test_who_stops_midway_leaves_no_thread_and_begins_no_more_work(threads):
    begun, go = [], threading.Event()

    def work(number):
        begun.append(number)
        assert number == 0 or go.wait(10)

    answers = prefetch_map(work, range(99), threads=threads)
    next(answers)
    threading.Timer(0.05, go.set).start()
    answers.close()
    assert len(begun) <= threads + 1
    assert [one for one in threading.enumerate() if one.name.startswith(THREAD_NAME)] == []
