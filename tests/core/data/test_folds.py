"""Folds: every row once, stratified, and groups kept together."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import folds_outside_test, split_stratified
from zoo_core.data.folds import make_folds
from zoo_core.errors import DataError


@given(st.lists(st.sampled_from("aaab"), min_size=10, max_size=80), st.integers(2, 6), st.integers(0, 9))
def test_folds_have_every_row_once_and_are_stratified(labels, k, seed):
    made = make_folds(pl.Series(labels), k, seed)
    assert sorted(np.concatenate(made).tolist()) == list(range(len(labels)))
    for label in set(labels):
        counts = [sum(labels[row] == label for row in fold) for fold in made]
        assert max(counts) - min(counts) <= 1
    assert max(map(len, made)) - min(map(len, made)) <= 1


def test_the_seed_decides_the_folds():
    labels = pl.Series(["a", "b"] * 30)
    first, same, other = (make_folds(labels, 3, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, same, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


@given(st.integers(2, 5), st.integers(0, 9))
def test_a_group_is_in_one_fold(k, seed):
    random = np.random.default_rng(seed)
    groups = pl.Series([f"g{i}" for i in random.integers(0, 25, 200)])
    labels = pl.Series(["x" if i else "y" for i in random.integers(0, 3, 200)])
    made = make_folds(labels, k, seed, groups=groups)
    assert sorted(np.concatenate(made).tolist()) == list(range(200))
    where = [set(groups.gather(fold.astype(np.uint32)).to_list()) for fold in made]
    assert sum(map(len, where)) == groups.n_unique()
    assert max(map(len, made)) <= 2 * min(map(len, made))


def test_rejects_too_many_folds():
    with pytest.raises(DataError, match="cannot make 4 folds of 3 rows"):
        make_folds(pl.Series(["a", "b", "a"]), 4, 1)
    with pytest.raises(DataError, match="cannot make 2 folds of 1 group"):
        make_folds(pl.Series(["a", "b", "a"]), 2, 1, groups=pl.Series(["g"] * 3))


@given(st.integers(2, 6), st.integers(0, 9), st.booleans())
def test_nested_folds_evaluate_every_row_outside_test_once(k, seed, grouped):
    random = np.random.default_rng(seed)
    labels = pl.Series(["x" if i else "y" for i in random.integers(0, 3, 240)])
    groups = pl.Series([f"g{i}" for i in random.integers(0, 60, 240)]) if grouped else None
    rows = split_stratified(labels, None, {"train": 0.7, "val": 0.15, "test": 0.15}, seed)
    made = folds_outside_test(labels, rows, k, seed, groups=groups)
    assert len(made) == k
    evaluated = np.concatenate([splits["fold"] for splits in made])
    pool = np.sort(np.concatenate([rows["train"], rows["val"]]))
    assert np.array_equal(np.sort(evaluated), pool)
    for splits in made:
        assert np.array_equal(np.sort(np.concatenate(list(splits.values()))), pool)
        assert abs(len(splits["val"]) / (len(splits["val"]) + len(splits["train"])) - 0.15 / 0.85) < 0.07
        if groups is not None:
            train, val, fold = (set(groups.gather(at.astype(np.uint32)).to_list()) for at in splits.values())
            assert not train & val and not train & fold and not val & fold


@pytest.mark.parametrize(("k", "sizes"), [(3, [40, 40, 40]), (4, [60, 30, 20, 10]), (2, [50, 40, 30, 20])])
def test_val_has_at_least_one_group(k, sizes):
    groups = pl.Series([f"g{at}" for at, size in enumerate(sizes) for _ in range(size)])
    labels = pl.Series(["x", "y"] * len(groups)).head(len(groups))
    rows = {"train": np.arange(10, len(groups)), "val": np.arange(10)}
    made = folds_outside_test(labels, rows, k, 1, groups=groups)
    assert len(made) == k
    for splits in made:
        train, val, fold = (set(groups.gather(at.astype(np.uint32)).to_list()) for at in splits.values())
        assert train and val and fold and not train & val and not (train | val) & fold


def test_rejects_a_fold_that_leaves_one_group():
    groups, labels = pl.Series(["g", "h"] * 20), pl.Series(["x", "x", "y", "y"] * 10)
    rows = {"train": np.arange(10, 40), "val": np.arange(10)}
    with pytest.raises(DataError, match="leave one group to train on"):
        folds_outside_test(labels, rows, 2, 1, groups=groups)


rare_labels = st.lists(st.sampled_from("aaaabbcd"), min_size=12, max_size=40)


@given(rare_labels, st.integers(2, 4), st.integers(0, 49))
def test_no_training_part_lacks_a_class(labels, k, seed):
    labels = pl.Series([*labels, "a", "a", "b", "b"])
    rows = split_stratified(labels, None, {"train": 0.7, "val": 0.15, "test": 0.15}, seed)
    pool = labels.gather(np.concatenate([rows["train"], rows["val"]]).astype(np.uint32))
    for splits in folds_outside_test(labels, rows, k, seed):
        assert all(map(len, splits.values()))
        assert set(labels.gather(splits["train"].astype(np.uint32))) == set(pool)


def test_the_only_row_of_a_class_trains_in_every_fold():
    labels = pl.Series(["common"] * 30 + ["rare"])
    rows = {"train": np.array([*range(20), 30]), "val": np.arange(20, 25)}
    made = folds_outside_test(labels, rows, 3, 1)
    assert all(30 in splits["train"] for splits in made)
    assert sorted(np.concatenate([splits["fold"] for splits in made]).tolist()) == list(range(25))


@pytest.mark.parametrize("seed", range(8))
def test_val_does_not_take_the_last_group_of_a_class(seed):
    groups = pl.Series([f"g{at // 4}" for at in range(48)])
    labels = pl.Series(["rare" if at in (0, 20) else "ab"[at % 2] for at in range(48)])
    rows = {"train": np.arange(40), "val": np.arange(40, 48)}
    for splits in folds_outside_test(labels, rows, 2, seed, groups=groups):
        assert "rare" in set(labels.gather(splits["train"].astype(np.uint32)))
