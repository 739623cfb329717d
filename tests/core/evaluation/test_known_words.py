"""Texts without a known word, for encoders with a vocabulary, with hashes, and of plugins."""

from __future__ import annotations

import polars as pl
import pytest
import torch

from zoo_core.config.structure import build_component
from zoo_core.evaluation import known_words
from zoo_core.evaluation.known_words import unknown_ids, unknown_rows
from zoo_core.features.layouts import Dense
from zoo_core.features.tokens import tokenize_column

TRAIN = ["good warm food", "cold food", "rude staff"]
TEXTS = ["good", "zzz qqq", "", "zzz food", "qqq"]
UNKNOWN = [False, True, True, False, True]


def tokens(texts):
    return tokenize_column(pl.Series(texts, dtype=pl.String), lambda column: column.str.split(" "))


VECTORIZERS = {
    "one-hot": {"cutoff": 0},
    "count": {"cutoff": 0},
    "tf-idf": {"cutoff": 0},
    "ngrams": {"min_df": 1, "characters": []},
}


@pytest.mark.parametrize("chunk_rows", [1, 2, 1 << 16])
@pytest.mark.parametrize("name", VECTORIZERS)
def test_a_text_is_unknown_without_a_word_of_training(registry, monkeypatch, name, chunk_rows):
    monkeypatch.setattr(known_words, "CHUNK_ROWS", chunk_rows)
    vectorizer = build_component(registry, "vectorizer", {"use": name, **VECTORIZERS[name]})
    encoder = vectorizer.fit(tokens(TRAIN), torch.tensor([0, 1, 1]))
    assert unknown_rows(encoder, encoder.transform(tokens(TEXTS))).tolist() == UNKNOWN


def test_hashes_know_every_word(registry):
    encoder = build_component(registry, "vectorizer", "hashed-ngrams").fit(tokens(TRAIN), torch.tensor([0, 1, 1]))
    assert unknown_rows(encoder, encoder.transform(tokens(TEXTS))).tolist() == [False, False, True, False, False]


def test_numbers_are_never_unknown():
    assert not unknown_rows(None, Dense(torch.zeros(3, 2))).any()


class Picky:
    """An encoder that takes no word which it does not know."""

    def transform(self, _tokens):
        raise KeyError("?")


def test_an_encoder_that_rejects_unknown_words_has_no_feature_for_them():
    assert len(unknown_ids(Picky())) == 0
