"""Texts from which nothing can be learned are rejected, or reported in a warning."""

from __future__ import annotations

import polars as pl
import pytest
import torch
from torch import nn

from zoo_core.errors import DataError, RecipeError
from zoo_core.features.bag import Bag
from zoo_core.features.batches import Batch
from zoo_core.features.layouts import Dense
from zoo_core.features.tokens import tokenize_column
from zoo_core.training.forward_pass import ForwardPass
from zoo_core.training.learnable_texts import WordCheck, check_features_differ


def tokens(*texts):
    return tokenize_column(pl.Series(list(texts), dtype=pl.String), lambda column: column.str.split(" "))


def test_training_texts_without_words_are_rejected(small):
    words = WordCheck(small().plan(), "d.csv")
    message = r'^d.csv: no training text has a word after normalization "book" \(hint: task.normalization=unicode keeps'
    with pytest.raises(DataError, match=message):
        words.check("train", tokens("", " "))


def test_many_texts_without_words_are_reported(small, caplog):
    words = WordCheck(small("task.normalization=unicode").plan(), "d.csv")
    for split, texts in {"train": ["", "good", "a"], "val": ["a"] * 19 + [""], "test": ["", ""]}.items():
        words.check(split, tokens(*texts))
    words.warn_of_empty_texts()
    expected = 'texts without a word after normalization "unicode": 1 of 3 in train, 2 of 2 in test (hint: check the'
    assert expected in caplog.text and len(caplog.records) == 1


def bag(*rows, weights=None):
    offsets = torch.tensor([0, *map(len, rows)]).cumsum(0)
    return Bag(torch.tensor([at for row in rows for at in row], dtype=torch.int32), offsets, weights, 4)


@pytest.mark.parametrize(
    ("features", "are_equal"),
    [
        (bag([0], [0], [0]), True),
        (bag([], []), True),
        (bag([1, 2], [1, 2], weights=torch.tensor([1.0, 2.0, 1.0, 2.0])), True),
        (bag([1, 2], [1, 2], weights=torch.tensor([1.0, 2.0, 1.0, 3.0])), False),
        (bag([1, 2], [1, 3]), False),
        (bag([1], [1, 2]), False),
        (bag([1]), False),
        (Dense(torch.ones(3, 2)), True),
        (Dense(torch.eye(2)), False),
    ],
)
def test_equal_features_of_all_texts_are_reported(features, are_equal, caplog):
    check_features_differ(features, "d.csv")
    assert ("d.csv: all texts of the training split have the same features" in caplog.text) == are_equal


def test_no_features_are_rejected():
    with pytest.raises(DataError, match=r"^d.csv: the vectorizer found no features in the training split"):
        check_features_differ(Bag(torch.zeros(0, dtype=torch.int32), torch.zeros(3).long(), None, 0), "d.csv")


def test_a_model_that_needs_two_rows_is_not_blamed():
    class Normalized(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm1d(2)

        def forward(self, features):
            return self.norm(features.values)

    module = Normalized().train()
    batch = [Batch(Dense(torch.eye(2)[:rows]), torch.zeros(rows).long(), torch.arange(rows)) for rows in (1, 2)]
    assert ForwardPass()(module, batch[1]).shape == (2, 2)
    with pytest.raises(RecipeError, match=r"training.batch_size: .* a batch of one row.*hint: --set training.batch"):
        ForwardPass()(module, batch[0])
