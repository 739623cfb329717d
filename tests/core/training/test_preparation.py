"""Preparation: how encoders are fitted, and that tokens are released as soon as they are encoded."""

from __future__ import annotations

import weakref

import pytest
import torch
from attrs import evolve, frozen

from tests.contracts.faulty.tokenizers import Halves, learning
from zoo_core.errors import PluginError
from zoo_core.features.bag import Bag
from zoo_core.features.tokens import Tokens, tokenize_column
from zoo_core.training.preparation import SplitTargets, encode_splits
from zoo_sequences.vectorizers import TokenIds
from zoo_textbook.tokenizers import Spaces
from zoo_textbook.vectorizers import OneHot

SPLITS = ("train", "val", "test")
TARGETS = SplitTargets(*[{name: torch.tensor([0, 1]) for name in SPLITS}] * 2)


def make_tokens() -> Tokens:
    import polars as pl

    return tokenize_column(pl.Series(["good warm food", "bad cold food"]), lambda texts: texts.str.split(" "))


@pytest.fixture
def encode(small, registry):
    """`encode(vectorizer, tokens_of)`: encode three splits of two texts."""

    def call(vectorizer, tokens_of=lambda _name: make_tokens()):
        plan = evolve(small().plan(), vectorizer=vectorizer)
        return encode_splits(registry, plan, tokens_of, TARGETS, "here", lambda name, row: f"{name} {row}")

    return call


def test_tokens_are_released_before_the_next_are_requested(encode):
    requested: list[str] = []
    alive: list[weakref.ref[Tokens]] = []

    def tokens_of(name):
        assert [ref() for ref in alive] == [None] * len(alive)
        tokens = make_tokens()
        requested.append(name)
        alive.append(weakref.ref(tokens))
        return tokens

    encode(OneHot(cutoff=0, tokenizer=Spaces()), tokens_of)
    assert sorted(requested) == sorted(SPLITS)
    assert alive[-1]() is None


@frozen
class Unfitted(OneHot):
    """One-hot whose `fit` forgets to return its encoder.

    Source: OneHot."""

    def fit(self, tokens, labels):
        OneHot.fit(self, tokens, labels)


@frozen
class Careless(OneHot):
    """One-hot whose `fit` raises an AttributeError of its own.

    Source: OneHot."""

    def fit(self, tokens, labels):
        return None.transform(tokens)


def test_a_missing_encoder_is_reported(encode, monkeypatch, registry):
    monkeypatch.setattr(type(registry), "entry_for", lambda self, cls: self.get("vectorizer", "one-hot"))
    with pytest.raises(PluginError, match=r"fit\(\) returned NoneType, not an encoder"):
        encode(Unfitted(cutoff=0, tokenizer=Spaces()))


def test_an_error_inside_fit_is_not_taken_for_a_missing_encoder(encode):
    with pytest.raises(AttributeError, match="transform"):
        encode(Careless(cutoff=0, tokenizer=Spaces()))


@frozen
class Combined(OneHot):
    """One-hot that fits and transforms in one call.

    Source: OneHot."""

    def fit(self, tokens, labels):
        raise AssertionError("fit_transform does both")

    def fit_transform(self, tokens, labels):
        encoder = OneHot.fit(self, tokens, labels)
        return encoder, encoder.transform(tokens)


def test_a_vectorizer_may_fit_and_transform_in_one_call(encode):
    encoder, splits = encode(Combined(cutoff=0, tokenizer=Spaces()))
    assert set(splits) == set(SPLITS)
    for split in splits.values():
        assert isinstance(split.features, Bag) and split.features.width == encoder.num_features


@pytest.mark.parametrize("cls", [OneHot, Combined, TokenIds])
def test_words_are_split_once_for_each_split(cls, encode, monkeypatch):
    """Also if the vectorizer fits and transforms in two calls, and counts the texts that it cuts."""
    calls, split = [], Halves.split
    monkeypatch.setattr(Halves, "split", lambda self, words: calls.append(len(words)) or split(self, words))
    settings = {"min_count": 1, "max_length": 2} if cls is TokenIds else {"cutoff": 0}
    _, splits = encode(cls(**settings, tokenizer=learning()()))
    assert len(calls) == len(SPLITS)
    assert (splits["train"].cut.texts > 0) is (cls is TokenIds)
