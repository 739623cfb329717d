"""Splits: disjoint, complete, stratified to the row, reproducible; and leakage between them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import split_stratified
from zoo_core.data.apportionment import apportion
from zoo_core.data.splits import SPLIT_NAMES, find_leaked, parse_split_names, stratified_split
from zoo_core.errors import DataError

SHARES = {"train": 0.70, "val": 0.15, "test": 0.15}
labels = st.lists(st.sampled_from("aaab"), min_size=20, max_size=200).map(pl.Series)
shares = st.lists(st.integers(1, 20), min_size=3, max_size=3).map(
    lambda parts: {name: part / sum(parts) for name, part in zip(SPLIT_NAMES, parts, strict=True)}
)


def everything(rows) -> list[int]:
    return sorted(row for name in rows for row in rows[name].tolist())


@given(labels, shares, st.integers(0, 99))
def test_stratified_split_is_disjoint_complete_sorted_and_stratified(labels, shares, seed):
    rows = stratified_split(labels, shares, seed)
    assert everything(rows) == list(range(len(labels)))
    assert all((np.diff(part) > 0).all() for part in rows.values())
    whole = Counter(labels)
    assert set(rows) == set(SPLIT_NAMES)
    moved = max(0.0, len(whole) - shares["train"] * len(labels))  # rows that train gets for its share of every class
    for name, part in rows.items():
        for label, count in Counter(labels.gather(part.astype(np.uint32))).items():
            assert abs(count - shares[name] * whole[label]) < 1.5 + moved
        assert abs(len(part) - shares[name] * len(labels)) < 1 + 1e-9 + moved or len(part) == 1


few_labels = st.lists(st.sampled_from("aabc"), min_size=3, max_size=14).map(pl.Series)


@given(few_labels, shares, st.integers(0, 49))
def test_the_seed_does_not_decide_the_numbers_of_rows(labels, shares, seed):
    first, other = (stratified_split(labels, shares, each) for each in (seed, seed + 1))
    for name in SPLIT_NAMES:
        counts = [Counter(labels.gather(rows[name].astype(np.uint32))) for rows in (first, other)]
        assert counts[0] == counts[1]
    assert set(labels.gather(first["train"].astype(np.uint32))) == set(labels)
    if len(labels) - labels.n_unique() >= 2:  # rows to spare for val and test
        assert all(len(part) for part in first.values())


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([2], [[1, 0, 1]]),  # train first, then test
        ([2, 1], [[1, 0, 1], [1, 0, 0]]),
        ([2, 2], [[1, 1, 0], [1, 0, 1]]),
        ([3, 3], [[2, 1, 0], [2, 0, 1]]),
        ([1, 1, 1], [[1, 0, 0]] * 3),
        ([5, 5], [[4, 0, 1], [3, 1, 1]]),
        ([300, 300], [[210, 45, 45]] * 2),
    ],
)
def test_numbers_of_rows_by_hand(sizes, expected):
    assert apportion(np.array(sizes), np.array([0.7, 0.15, 0.15])).tolist() == expected


def test_many_small_classes_have_the_shares_together():
    for size, totals in ((2, [14000, 3000, 3000]), (3, [21000, 4500, 4500])):
        assert apportion(np.full(10000, size), np.array([0.7, 0.15, 0.15])).sum(axis=0).tolist() == totals


@given(labels, st.integers(0, 9))
def test_the_seed_decides_the_rows(labels, seed):
    first, same, other = (stratified_split(labels, SHARES, s) for s in (seed, seed, seed + 1))
    assert all(np.array_equal(first[name], same[name]) for name in SPLIT_NAMES)
    assert not all(np.array_equal(first[name], other[name]) for name in SPLIT_NAMES)


def test_the_names_of_labels_do_not_matter():
    rows = [stratified_split(pl.Series(kinds * 50), SHARES, 1) for kinds in (["a", "b"], ["1", "2"], ["é", "ü"])]
    for other in rows[1:]:
        assert all(np.array_equal(rows[0][name], other[name]) for name in SPLIT_NAMES)


@pytest.mark.parametrize("order", ["as it is", "sorted by label"])
def test_a_file_may_be_sorted_by_label(order):
    labels = ["a"] * 600 + ["b"] * 400
    labels = labels if order == "sorted by label" else labels[::2] + labels[1::2]
    rows = split_stratified(pl.Series(labels), None, SHARES, 1337)
    assert {name: len(part) for name, part in rows.items()} == {"train": 700, "val": 150, "test": 150}
    assert Counter(labels[row] for row in rows["test"]) == {"a": 90, "b": 60}
    assert np.abs(np.diff(rows["test"])).max() < 60  # from everywhere in the file


def test_small_classes_do_not_all_round_in_the_same_direction():
    labels = pl.Series([str(at // 2) for at in range(400)])
    rows = stratified_split(labels, SHARES, 3)
    assert [abs(len(rows[name]) - 400 * SHARES[name]) < 25 for name in SPLIT_NAMES] == [True] * 3


def test_the_only_row_of_a_class_is_in_train():
    labels = pl.Series(["common"] * 50 + [f"rare {at}" for at in range(8)])
    for seed in range(5):
        assert set(range(50, 58)) <= set(split_stratified(labels, None, SHARES, seed)["train"].tolist())


@given(st.lists(st.sampled_from(["train", "val", "test"]), min_size=30, max_size=60))
def test_keeps_the_splits_of_the_file(given_splits):
    given_splits = [*given_splits, *SPLIT_NAMES]
    rows = split_stratified(
        pl.Series(["a", "b"] * len(given_splits)).head(len(given_splits)), pl.Series(given_splits), SHARES, 1
    )
    for name in SPLIT_NAMES:
        assert rows[name].tolist() == [row for row, own in enumerate(given_splits) if own == name]


@pytest.mark.parametrize("missing", [("val",), ("test",), ("val", "test")])
def test_draws_missing_splits_from_train(missing):
    own = [name for name in ["train"] * 8 + ["val", "test"] if name not in missing] * 100
    labels = pl.Series(["a", "b"] * (len(own) // 2))
    rows = split_stratified(labels, pl.Series(own), SHARES, 1)
    assert everything(rows) == list(range(len(own)))
    for name in SPLIT_NAMES:
        if name not in missing:
            assert {own[row] for row in rows[name]} <= {name}
    trained_on = own.count("train")
    drawn = sum(SHARES[name] for name in missing)
    present = sum(SHARES[name] for name in SPLIT_NAMES if name not in missing)
    for name in missing:
        assert {own[row] for row in rows[name]} == {"train"}
        assert len(rows[name]) == pytest.approx(trained_on * SHARES[name] / (drawn + present), abs=2)


@pytest.mark.parametrize(
    ("own", "empty"), [(["val", "test"], "train"), (["train"], "val"), (["train", "test", "test"], "val")]
)
def test_rejects_an_empty_split(own, empty):
    with pytest.raises(DataError, match=f'the split "{empty}" has no rows'):
        split_stratified(pl.Series(["a"] * len(own)), pl.Series(own), SHARES, 1)


def test_hints_at_the_cause_of_an_empty_split():
    def hint(labels, own=None) -> str:
        with pytest.raises(DataError) as error:
            split_stratified(pl.Series(labels), None if own is None else pl.Series(own), SHARES, 1)
        return error.value.problems[0].hint

    assert (
        hint(["a"] * 4, ["test", "val", "test", "test"])
        == "add rows of it: the file's split column has only val and test"
    )
    assert hint(["a"]).startswith("add rows or") and hint(["a", "b"]).startswith("add rows or")
    assert hint(["a", "b", "c"]) == "check the column of labels: it has 3 different labels in 3 rows"


texts = st.lists(st.sampled_from(["", "a", "A", "b", "b ", "c"]), min_size=3, max_size=30)


@given(texts, st.data())
def test_counts_rows_whose_text_is_in_an_earlier_split(texts, data):
    own = data.draw(st.lists(st.sampled_from(SPLIT_NAMES), min_size=len(texts), max_size=len(texts)))
    rows = {
        name: np.array([row for row, name_ in enumerate(own) if name_ == name], dtype=np.int64) for name in SPLIT_NAMES
    }
    seen, expected = {texts[row] for row in rows["train"]}, {}
    for name in ("val", "test"):
        expected[name] = sum(texts[row] in seen for row in rows[name])
        seen |= {texts[row] for row in rows[name]}
    found = find_leaked(pl.Series(texts, dtype=pl.String).hash().to_numpy(), rows)
    assert {name: int(leaked.sum()) for name, leaked in found.items()} == expected


def test_parses_split_names_and_rejects_unknown_ones():
    names = ["train", " Training", "valid", "DEV", "validation", "val", "test", "testing"]
    parsed = parse_split_names(pl.Series("split", names), str).to_list()
    assert parsed == ["train"] * 2 + ["val"] * 4 + ["test"] * 2
    with pytest.raises(DataError, match='f:3: unknown split "tset" in column "split"'):
        parse_split_names(pl.Series("split", ["train", "tset"]), lambda row: f"f:{row + 2}")
