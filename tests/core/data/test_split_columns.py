"""Columns of splits and folds: every row once, groups whole, near the shares, reproducible."""

from __future__ import annotations

from collections import Counter, defaultdict

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.data.folds import fold_column, grouped_split, split_column
from zoo_core.data.splits import SPLIT_NAMES
from zoo_core.errors import DataError

SHARES = {"train": 0.7, "val": 0.15, "test": 0.15}
rows = st.lists(st.tuples(st.sampled_from("aaab"), st.integers(0, 14)), min_size=30, max_size=150)
shares = st.lists(st.integers(1, 9), min_size=3, max_size=3).map(
    lambda parts: {name: float(part) for name, part in zip(SPLIT_NAMES, parts, strict=True)}
)


def columns(pairs: list[tuple[str, int]]) -> tuple[pl.Series, pl.Series]:
    return pl.Series([label for label, _ in pairs]), pl.Series([f"g{group}" for _, group in pairs])


@given(rows, shares, st.integers(0, 99))
def test_grouped_split_keeps_groups_whole(pairs, shares, seed):
    labels, groups = columns(pairs)
    if groups.n_unique() < 3:
        return
    made = grouped_split(labels, groups, shares, seed)
    assert sorted(row for part in made.values() for row in part.tolist()) == list(range(len(pairs)))
    assert all(len(part) for part in made.values())
    where = defaultdict(set)
    for name, part in made.items():
        for row in part.tolist():
            where[groups[row]].add(name)
    assert {len(names) for names in where.values()} == {1}


@given(st.integers(0, 99))
def test_is_near_the_shares_of_rows_and_classes_with_many_small_groups(seed):
    pairs = [("abbb"[(at * 7 + seed) % 4], at // 3) for at in range(900)]
    labels, groups = columns(pairs)
    made = split_column(labels, SHARES, seed, groups=groups)
    for name, share in SHARES.items():
        mine = made == name
        assert mine.sum() == pytest.approx(share * 900, abs=6)
        assert (labels.filter(mine) == "a").sum() == pytest.approx(share * 225, abs=4)


def test_a_large_group_is_not_in_a_small_split():
    labels, groups = columns([("ab"[at % 2], 0 if at < 50 else at) for at in range(100)])
    assert set(split_column(labels, SHARES, 1, groups=groups).filter(groups == "g0")) == {"train"}


@given(rows, shares, st.integers(0, 9), st.booleans())
def test_is_reproducible_and_has_every_split(pairs, shares, seed, by):
    labels, groups = columns(pairs)
    groups = groups if by and groups.n_unique() >= 3 else None
    try:
        column = split_column(labels, shares, seed, groups=groups)
    except DataError:
        return
    assert column.equals(split_column(labels, shares, seed, groups=groups))
    assert column.dtype == pl.String
    assert set(column) == set(SPLIT_NAMES)


def test_another_seed_gives_another_split():
    labels, groups = columns([("ab"[at % 2], at // 2) for at in range(100)])
    for by in (None, groups):
        assert not split_column(labels, SHARES, 1, groups=by).equals(split_column(labels, SHARES, 2, groups=by))


@pytest.mark.parametrize("by", [False, True])
def test_a_split_without_a_share_has_no_rows(by):
    labels, groups = columns([("ab"[at % 2], at // 2) for at in range(100)])
    made = split_column(labels, {"train": 0.8, "val": 0, "test": 0.2}, 1, groups=groups if by else None)
    assert Counter(made) == {"train": 80, "test": 20}


def test_rejects_empty_splits():
    with pytest.raises(DataError, match=r'the split "(val|test)" has no rows'):
        split_column(pl.Series(["a"] * 2), {"train": 0.98, "val": 0.01, "test": 0.01}, 1)
    with pytest.raises(DataError, match="cannot make 3 splits of 2 groups"):
        split_column(pl.Series(["a"] * 4), SHARES, 1, groups=pl.Series(["x", "x", "y", "y"]))


@given(rows, st.integers(2, 4), st.integers(0, 9), st.booleans())
def test_folds_are_numbered_from_one(pairs, k, seed, by):
    labels, groups = columns(pairs)
    groups = groups if by and groups.n_unique() >= k else None
    made = fold_column(labels, k, seed, groups=groups)
    assert set(made) <= {str(at + 1) for at in range(k)}
    assert len(made) == len(pairs)
    if groups is None:
        assert max(Counter(made).values()) - min(Counter(made).values()) <= 1
    else:
        assert pl.DataFrame({"g": groups, "f": made}).unique().height == groups.n_unique()
