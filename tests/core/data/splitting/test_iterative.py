"""Iterative stratification: every label has its share in every part, and training has every label."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo_core.data.folds import grouped_split, make_folds, nested_folds
from zoo_core.data.splits import stratified_split
from zoo_core.data.splitting.label_entries import label_entries

SHARES = {"train": 0.7, "val": 0.15, "test": 0.15}
label_sets = st.lists(st.lists(st.sampled_from("aaabbcdef"), unique=True, max_size=4).map(sorted), min_size=3)


def as_series(sets) -> pl.Series:
    return pl.Series("label", sets, dtype=pl.List(pl.String))


def counts_of(sets, rows) -> Counter[str]:
    return Counter(label for row in rows for label in sets[row])


def draw_sets(num_rows: int, seed: int = 0) -> list[list[str]]:
    """Sets of 12 labels, the rarest of which about 1 % of the rows have; a quarter of the rows has none."""
    has = np.random.default_rng(seed).random((num_rows, 12)) < np.geomspace(0.4, 0.01, 12)
    return [[f"l{at:02d}" for at in row.nonzero()[0]] for row in has]


def distribution_error(sets, parts) -> float:
    """The label distribution measure LD of the paper, section 4: how far the odds of labels in parts are off."""
    total, labels = counts_of(sets, range(len(sets))), sorted({label for labels in sets for label in labels})
    errors = []
    for rows in parts:
        own = counts_of(sets, rows)
        errors += [abs(own[a] / (len(rows) - own[a]) - total[a] / (len(sets) - total[a])) for a in labels]
    return sum(errors) / len(errors)


def test_entries_number_the_labels_of_each_row():
    entries = label_entries(as_series([["b", "a"], [], ["c"], ["a"]]))
    assert entries.rows.tolist() == [0, 0, 1, 2, 3]
    assert entries.labels.tolist() == [1, 0, 3, 2, 0]
    assert (entries.width, entries.has_none) == (4, True)
    single = label_entries(pl.Series(["y", "x"]))
    assert (single.labels.tolist(), single.width, single.has_none) == ([1, 0], 2, False)


@given(label_sets, st.integers(0, 9))
def test_each_row_is_in_one_part_and_train_has_every_label(sets, seed):
    rows = stratified_split(as_series(sets), SHARES, seed)
    assert sorted(np.concatenate(list(rows.values())).tolist()) == list(range(len(sets)))
    assert counts_of(sets, rows["train"]).keys() == counts_of(sets, range(len(sets))).keys()
    spare = len(sets) - len({label for labels in sets for label in labels})
    assert spare < 2 or all(map(len, rows.values()))


@given(label_sets, st.integers(0, 9))
def test_a_small_training_part_has_every_label(sets, seed):
    rows = stratified_split(as_series(sets), {"train": 0.1, "val": 0.45, "test": 0.45}, seed)
    assert counts_of(sets, rows["train"]).keys() == counts_of(sets, range(len(sets))).keys()


@given(st.integers(0, 9))
def test_every_label_has_the_shares_of_the_parts(seed):
    sets = draw_sets(1000, seed)
    rows, total = stratified_split(as_series(sets), SHARES, seed), counts_of(sets, range(1000))
    for name, part in rows.items():
        own = counts_of(sets, part)
        assert all(abs(own[label] - SHARES[name] * count) < 2 + 0.03 * count for label, count in total.items())
        assert abs(len(part) - SHARES[name] * 1000) < 15


def test_folds_of_label_sets_are_nearer_to_the_whole_than_random_ones():
    sets = draw_sets(600)
    order = np.random.default_rng(1).permutation(600)
    drawn = [order[fold::10] for fold in range(10)]
    assert distribution_error(sets, make_folds(as_series(sets), 10, 1)) < distribution_error(sets, drawn) / 3


def test_the_seed_decides_which_rows():
    sets = as_series(draw_sets(200))
    first, same, other = (stratified_split(sets, SHARES, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(first[name], same[name]) for name in SHARES)
    assert not np.array_equal(first["train"], other["train"])


def test_a_set_of_one_label_is_split_as_by_its_shares():
    sets = [["a"]] * 20 + [["b"]] * 40
    rows = stratified_split(as_series(sets), {"train": 0.5, "val": 0.25, "test": 0.25}, 3)
    assert {name: dict(counts_of(sets, part)) for name, part in rows.items()} == {
        "train": {"a": 10, "b": 20},
        "val": {"a": 5, "b": 10},
        "test": {"a": 5, "b": 10},
    }


@settings(max_examples=15)
@given(label_sets, st.integers(0, 5))
def test_no_fold_trains_without_a_label(sets, seed):
    sets = [*sets, *[["a"], ["b"]] * 4]
    for fold in nested_folds(as_series(sets), {"train": 0.7, "val": 0.15}, 3, seed):
        assert counts_of(sets, fold["train"]).keys() == counts_of(sets, range(len(sets))).keys()
        assert all(map(len, fold.values()))


@pytest.mark.parametrize("seed", range(3))
def test_a_group_of_label_sets_is_in_one_split(seed):
    sets, groups = draw_sets(400), pl.Series([f"g{at % 80}" for at in range(400)])
    rows = grouped_split(as_series(sets), groups, SHARES, seed)
    owners = [set(groups.gather(part.astype(np.uint32))) for part in rows.values()]
    assert sum(map(len, owners)) == 80
    assert all(abs(len(part) / 400 - SHARES[name]) < 0.06 for name, part in rows.items())
