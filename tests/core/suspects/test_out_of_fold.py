"""Folds in which copies of a text lie together, and models that judge only what they did not train on."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from zoo_core.errors import DataError
from zoo_core.suspects.out_of_fold import OutOfFold, make_text_folds


def folds_of(labels, texts, k=4, seed=0):
    return make_text_folds(pl.Series(labels), pl.Series(texts).hash(), k, seed, "file.csv")


def test_copies_are_in_one_part_of_each_fold():
    random = np.random.default_rng(3)
    texts = random.integers(0, 40, 200).astype(str)
    labels = random.integers(0, 3, 200).astype(str)
    for fold in folds_of(labels, texts):
        for one, other in ((fold.train, fold.judged), (fold.val, fold.judged)):
            assert not set(texts[one]) & set(texts[other])
        assert set(labels[fold.val]) <= set(labels[fold.train])


def test_each_row_is_judged_once():
    labels, texts = [str(row % 3) for row in range(60)], [f"text {row}" for row in range(60)]
    folds = folds_of(labels, texts)
    assert sorted(np.concatenate([fold.judged for fold in folds])) == list(range(60))
    for fold in folds:
        parts = np.concatenate([fold.train, fold.val, fold.judged])
        assert sorted(parts) == list(range(60))


def test_only_text_of_a_class_is_trained_on_in_every_fold():
    labels, texts = ["a", "b"] * 20 + ["c", "c"], [f"text {row}" for row in range(40)] + ["same", "same"]
    for fold in folds_of(labels, texts):
        assert {40, 41} <= {*fold.train, *fold.val}


def test_class_of_two_rows_is_judged_by_a_model_that_knows_it():
    labels = ["a", "b"] * 20 + ["c", "c"]
    folds = folds_of(labels, [f"text {row}" for row in range(42)])
    for fold in folds:
        for row in {40, 41} & {*fold.judged.tolist()}:
            assert (81 - row) in fold.train


def test_too_few_texts_are_an_error():
    with pytest.raises(DataError, match="cannot judge labels in 4 folds: got 2 different texts"):
        folds_of(["a", "b", "a"], ["x", "y", "z"])


def test_other_copies_of_a_text_vote():
    probabilities = np.array([[0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [0.9, 0.1]])
    labels, keys = pl.Series(["a", "a", "b", "b"]), pl.Series([7, 7, 7, 8])
    mixed = OutOfFold(("a", "b"), probabilities).with_votes_of_copies(labels, keys)
    assert mixed.probabilities.tolist() == [[0.5, 0.5], [0.5, 0.5], [0.75, 0.25], [0.9, 0.1]]
