"""Encoders together with what their tokenizers learned."""

from __future__ import annotations

import polars as pl
import pytest
import torch

from tests.contracts.faulty.tokenizers import learning
from zoo_core import fit_vectorizer, load_component
from zoo_core.components.encoding.tokenized_encoder import fit_and_transform, fit_encoder, restore_encoder
from zoo_core.evaluation.word_pieces import find_token_owners
from zoo_core.features.tokens import tokenize_column
from zoo_textbook.tokenizers import Spaces
from zoo_textbook.vectorizers import OneHot

TEXTS = ["good food", "bad food", "", "good"]


@pytest.fixture
def vectorizer():
    return OneHot(cutoff=0, tokenizer=learning()())


@pytest.fixture
def tokens(vectorizer):
    return tokenize_column(pl.Series(TEXTS), vectorizer.tokenize)


@pytest.fixture
def encoder(vectorizer, tokens):
    return fit_encoder(vectorizer, tokens, torch.zeros(len(TEXTS), dtype=torch.int64))


def test_words_are_split_before_they_are_counted(encoder):
    assert encoder.feature_names()[1] == "od"  # of good and food
    assert sorted(encoder.feature_names()[1:]) == ["ad", "b", "fo", "go", "od"]


def test_features_are_those_of_the_pieces(vectorizer, tokens, encoder):
    names, bag = encoder.feature_names(), encoder.transform(tokens)
    found = [sorted(names[feature] for feature in bag.slice(row, row + 1).ids) for row in range(len(bag))]
    assert found == [["fo", "go", "od"], ["ad", "b", "fo", "od"], [], ["go", "od"]]
    _, together = fit_and_transform(vectorizer, tokens, torch.zeros(len(TEXTS), dtype=torch.int64))
    assert torch.equal(together.to_dense(), bag.to_dense())


def test_each_piece_of_a_sequence_belongs_to_its_word(encoder):
    text = tokenize_column(pl.Series(["good ad food"]), lambda texts: texts.str.split(" "))
    names = ["go", "od", "ad", "fo"]
    owners = [("good",), ("good",), (), ("food",), ("food",)]
    assert find_token_owners(encoder, text, [0, 1, 2, 3, 1], names) == owners
    assert find_token_owners(encoder, text, [0, 1], names) is None  # of a text that is cut
    assert find_token_owners(encoder.encoder, text, [0, 1, 2], names) is None


def test_it_is_restored_with_its_tokenizer(vectorizer, tokens, encoder):
    again = restore_encoder(vectorizer, encoder.state())
    assert torch.equal(again.transform(tokens).ids, encoder.transform(tokens).ids)


def test_a_state_without_that_of_the_tokenizer_is_refused(vectorizer, encoder):
    state = {name: value for name, value in encoder.state().items() if not name.startswith("tokenizer.")}
    with pytest.raises(KeyError):
        restore_encoder(vectorizer, state)


def test_a_state_with_that_of_another_tokenizer_is_refused(encoder):
    with pytest.raises(ValueError, match="none that learns"):
        restore_encoder(OneHot(cutoff=0, tokenizer=Spaces()), encoder.state())


def test_encoded_texts_of_windows_are_one_row_each(zoo):
    settings = {"min_count": 1, "max_length": 2, "long_texts": "windows"}
    fitted = fit_vectorizer(load_component("vectorizer", "token-ids", zoo=zoo, **settings), ["a b c a", "b"])
    encoded = fitted.transform(["a b c a", "b"])
    names = [fitted.vocabulary[id] for id in encoded.vectors[0].tolist()]
    assert (names, tuple(encoded.vectors.shape)) == (["a", "b", "c", "a"], (2, 4))
    assert encoded.frame()["text"].to_list() == [0, 0, 0, 0, 1]


def test_encoded_texts_show_the_pieces(vectorizer):
    fitted = fit_vectorizer(vectorizer, TEXTS)
    assert fitted.transform(["food", ""]).words == (("fo", "od"), ())
