"""Counts of features against plain Python, for any chunk of rows."""

from __future__ import annotations

from collections import Counter
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.features.counting import build_bag, count_ids, map_row_ranges, unique_counts

WIDTH = 6
entries = st.lists(st.lists(st.integers(0, WIDTH - 1), max_size=8), max_size=10)


def flat(rows: list[list[int]], start: int = 0) -> tuple[np.ndarray, np.ndarray]:
    at = [number - start for number, row in enumerate(rows, start) for _ in row]
    return np.array(at, dtype=np.int64), np.array(list(chain(*rows)), dtype=np.int64)


@given(entries, st.randoms(use_true_random=False))
def test_count_ids_equals_counter(rows, random):
    at, ids = flat(rows)
    order = np.array(random.sample(range(len(at)), len(at)), dtype=np.int64)
    unique, counts, lengths = count_ids(at[order], ids[order], num_rows=len(rows), width=WIDTH)
    expected = [sorted(Counter(row).items()) for row in rows]
    assert list(zip(unique.tolist(), counts.tolist(), strict=True)) == list(chain(*expected))
    assert lengths.tolist() == [len(row) for row in expected]
    assert (unique.dtype, counts.dtype) == (np.int32, np.uint8)


def test_count_ids_of_the_largest_width():
    width = 2**31 - 1
    unique, counts, lengths = count_ids(
        np.array([2047, 0, 2047]), np.array([width - 1, width - 1, width - 1]), num_rows=2048, width=width
    )
    assert (unique.tolist(), counts.tolist()) == ([width - 1] * 2, [1, 2])
    assert np.flatnonzero(lengths).tolist() == [0, 2047]


def test_counts_above_255():
    rows = [[1], [2] * 255, [], [3] * 256]

    def work(start, stop):
        return count_ids(*flat(rows[start:stop], start), num_rows=stop - start, width=WIDTH)

    for chunk in (1, 4):
        bag = build_bag(len(rows), work, width=WIDTH, counts=True, chunk=chunk)
        assert (bag.ids.tolist(), bag.weights.tolist()) == ([1, 2, 3], [1, 255, 256])


@given(st.lists(st.integers(-5, 5), max_size=20))
def test_unique_counts_equal_sorted_counter(values):
    unique, counts = unique_counts(np.array(values, dtype=np.int64))
    assert dict(zip(unique.tolist(), counts.tolist(), strict=True)) == Counter(values)
    assert unique.tolist() == sorted(set(values))


@given(entries, st.integers(1, 40), st.booleans())
def test_bag_does_not_depend_on_chunks(rows, chunk, counts):
    def work(start, stop):
        return count_ids(*flat(rows[start:stop], start), num_rows=stop - start, width=WIDTH)

    bag = build_bag(len(rows), work, width=WIDTH, counts=counts, chunk=chunk)
    assert len(bag) == len(rows)
    expected = [[Counter(row)[feature] for feature in range(WIDTH)] for row in rows]
    if not counts:
        assert bag.weights is None
        expected = [[min(count, 1) for count in row] for row in expected]
    assert bag.to_dense().tolist() == expected
    assert bag.width == WIDTH


@pytest.mark.parametrize(
    ("rows", "ranges"), [(0, [(0, 0)]), (3, [(0, 3)]), (4, [(0, 4)]), (9, [(0, 4), (4, 8), (8, 9)])]
)
def test_row_ranges_are_in_order(rows, ranges):
    assert map_row_ranges(rows, lambda start, stop: (start, stop), chunk=4) == ranges
