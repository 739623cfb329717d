"""Columns of texts, and predictions as columns."""

from __future__ import annotations

import polars as pl
import pytest
import torch

from zoo_core.errors import RecipeError
from zoo_core.runs.predictions import Predictions, texts_to_series


class Named(str):
    __slots__ = ()


@pytest.mark.parametrize("texts", [[], ["good", "", "NA"], ("a", "b"), (text for text in "ab"), [Named("x"), "y"]])
def test_texts_become_a_column(texts):
    expected = texts if isinstance(texts, list | tuple) else list("ab")
    column = texts_to_series(texts)
    assert (column.dtype, column.null_count(), column.to_list()) == (pl.String, 0, list(expected))


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ("good", "texts must be a list of strings, not one string"),
        ([1, "a"], "row 1: got int, expected text"),
        (["a", 1, None], "row 2: got int, expected text"),
        (["a", None, 1], "row 2: got NoneType, expected text"),
        ([None], "row 1: got NoneType, expected text"),
        ([float("nan")], "row 1: got float, expected text"),
        (["a", b"b"], "row 2: got bytes, expected text"),
        (["a", ["b"]], "row 2: got list, expected text"),
        (["a", "b\ud83d", 1], "row 2: unpaired UTF-16 surrogate"),
    ],
)
def test_reports_the_first_item_that_is_not_a_text(texts, said):
    with pytest.raises(RecipeError, match=said):
        texts_to_series(texts)


def test_predictions_are_columns():
    values = torch.tensor([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])
    found = Predictions(("no", "yes"), values.argmax(dim=1), values, are_scores=False)
    assert found.label_series().equals(pl.Series("label", ["no", "yes", "no"]))
    assert found.labels == ["no", "yes", "no"]
    none = Predictions(("no", "yes"), torch.empty(0).long(), torch.empty(0, 2), are_scores=False)
    assert none.labels == [] and none.label_series().dtype == pl.String


def test_the_table_has_a_column_for_each_class_or_for_each_of_the_best():
    values = torch.tensor([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2]])
    predictions = Predictions(("a", "b", "c"), torch.tensor([1, 2]), values, are_scores=False)
    assert predictions.frame().columns == ["label", "p_a", "p_b", "p_c"]
    best = predictions.frame(top=2)
    assert best.columns == ["label", "p", "label_2", "p_2"]
    assert (best["label"].to_list(), best["label_2"].to_list()) == (["b", "c"], ["c", "a"])  # of ties the first class
    assert best["p"].to_list() == pytest.approx([0.5, 0.2])  # a threshold predicted "c"
    assert predictions.frame(top=9).width == 6
    scores = Predictions(("a", "b"), torch.tensor([1]), torch.tensor([[-1.0, 2.0]]), are_scores=True)
    assert scores.frame(top=1).columns == ["label", "score"] and scores.frame().columns[1] == "score_a"


def test_no_predictions_are_a_table_without_rows():
    predictions = Predictions(("a", "b"), torch.empty(0).long(), torch.empty(0, 2), are_scores=False)
    assert predictions.frame().shape == (0, 3) and predictions.frame(top=1).shape == (0, 2)
