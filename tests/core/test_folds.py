"""k folds: every row once, stratified, and groups kept together."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.data.folds import make_folds, nested_folds
from zoo_core.data.splits import split_rows
from zoo_core.errors import DataError


@given(st.lists(st.sampled_from("aaab"), min_size=10, max_size=80), st.integers(2, 6), st.integers(0, 9))
def test_every_row_once_and_every_class_evenly(labels, k, seed):
    made = make_folds(pl.Series(labels), k, seed)
    assert sorted(np.concatenate(made).tolist()) == list(range(len(labels)))
    for label in set(labels):
        counts = [sum(labels[row] == label for row in fold) for fold in made]
        assert max(counts) - min(counts) <= 1
    assert max(map(len, made)) - min(map(len, made)) <= 1


def test_the_same_for_the_same_seed():
    labels = pl.Series(["a", "b"] * 30)
    one, two, other = (make_folds(labels, 3, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@given(st.integers(2, 5), st.integers(0, 9))
def test_a_group_stands_in_one_fold(k, seed):
    random = np.random.default_rng(seed)
    groups = pl.Series([f"g{i}" for i in random.integers(0, 25, 200)])
    labels = pl.Series(["x" if i else "y" for i in random.integers(0, 3, 200)])
    made = make_folds(labels, k, seed, groups=groups)
    assert sorted(np.concatenate(made).tolist()) == list(range(200))
    where = [set(groups.gather(fold.astype(np.uint32)).to_list()) for fold in made]
    assert sum(map(len, where)) == groups.n_unique()
    assert max(map(len, made)) <= 2 * min(map(len, made))


def test_too_many_folds_are_refused():
    with pytest.raises(DataError, match="cannot make 4 folds of 3 rows"):
        make_folds(pl.Series(["a", "b", "a"]), 4, 1)
    with pytest.raises(DataError, match="cannot make 2 folds of 1 group"):
        make_folds(pl.Series(["a", "b", "a"]), 2, 1, groups=pl.Series(["g"] * 3))


@given(st.integers(2, 6), st.integers(0, 9), st.booleans())
def test_outer_folds_judge_every_row_that_is_not_in_test_once(k, seed, grouped):
    random = np.random.default_rng(seed)
    labels = pl.Series(["x" if i else "y" for i in random.integers(0, 3, 240)])
    groups = pl.Series([f"g{i}" for i in random.integers(0, 60, 240)]) if grouped else None
    rows = split_rows(labels, None, {"train": 0.7, "val": 0.15, "test": 0.15}, seed)
    made = nested_folds(labels, rows, k, seed, groups=groups)
    judged = np.concatenate([one["fold"] for one in made])
    pool = np.sort(np.concatenate([rows["train"], rows["val"]]))
    assert np.array_equal(np.sort(judged), pool)
    for one in made:
        assert np.array_equal(np.sort(np.concatenate(list(one.values()))), pool)
        assert abs(len(one["val"]) / (len(one["val"]) + len(one["train"])) - 0.15 / 0.85) < 0.07
        if groups is not None:
            own = [set(groups.gather(at.astype(np.uint32)).to_list()) for at in one.values()]
            assert not own[0] & own[1] and not own[0] & own[2] and not own[1] & own[2]


@pytest.mark.parametrize(("k", "sizes"), [(3, [40, 40, 40]), (4, [60, 30, 20, 10]), (2, [50, 40, 30, 20])])
def test_as_few_groups_as_there_can_be(k, sizes):
    """Rows that decide when training stops are a group at least, however few they should be."""
    groups = pl.Series([f"g{at}" for at, size in enumerate(sizes) for _ in range(size)])
    labels = pl.Series(["x", "y"] * len(groups)).head(len(groups))
    rows = {"train": np.arange(10, len(groups)), "val": np.arange(10)}
    for one in nested_folds(labels, rows, k, 1, groups=groups):
        own = [set(groups.gather(at.astype(np.uint32)).to_list()) for at in one.values()]
        assert all(own) and not own[0] & own[1] and not (own[0] | own[1]) & own[2]


def test_a_fold_that_leaves_one_group_is_refused():
    groups, labels = pl.Series(["g", "h"] * 20), pl.Series(["x", "x", "y", "y"] * 10)
    rows = {"train": np.arange(10, 40), "val": np.arange(10)}
    with pytest.raises(DataError, match="leave one group to train on"):
        nested_folds(labels, rows, 2, 1, groups=groups)
