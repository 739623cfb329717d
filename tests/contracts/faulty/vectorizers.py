"""Faulty vectorizers."""

from __future__ import annotations

import threading

import numpy as np
import polars as pl
import torch
from attrs import frozen

from tests.contracts.faulty import faulty
from tests.limits import wait_until
from zoo_core import Vectorizer
from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense
from zoo_textbook.vectorizers import OneHot

SEEN: dict[str, int] = {}


class Encoder:
    """Counts of the words of the training split, correct."""

    def __init__(self, words, scale=1.0):
        self.words, self.scale = list(words), scale
        self.numbers = {word: at for at, word in enumerate(self.words)}

    @classmethod
    def fitted(cls, tokens):
        return cls(["<unknown>", *tokens.words.to_list()])

    @property
    def num_features(self):
        return len(self.words)

    def feature_names(self):
        return list(self.words)

    def state(self):
        return {"words": list(self.words)}

    @classmethod
    def restored(cls, state):
        words = state["words"]
        if not isinstance(words, list) or len(set(words)) < len(words) or not all(isinstance(w, str) for w in words):
            raise TypeError("words")
        return cls(state["words"])

    def number(self, word):
        return self.numbers.get(word, 0)

    def transform(self, tokens):
        found = np.zeros((len(tokens), self.num_features), dtype=np.float32)
        for row in range(len(tokens)):
            for word in tokens.row(row):
                found[row, self.number(word)] += self.scale
        return Dense(torch.from_numpy(found))


class FitsAgain(Encoder):
    """Learns new words when it encodes."""

    def transform(self, tokens):
        self.__init__([*self.words, *(word for word in tokens.words.to_list() if word not in self.numbers)])
        return super().transform(tokens)


class CrashesOnUnknown(Encoder):
    def number(self, word):
        return {word: at for at, word in enumerate(self.words)}[word]


class DropsEmpty(Encoder):
    def transform(self, tokens):
        return super().transform(tokens.take(np.flatnonzero(np.diff(tokens.offsets))))


class Means(Encoder):
    """Divides by the number of words, which may be 0."""

    def transform(self, tokens):
        lengths = torch.from_numpy(np.diff(tokens.offsets)).float()
        return Dense(super().transform(tokens).values / lengths[:, None])


class OverTheBatch(Encoder):
    def transform(self, tokens):
        values = super().transform(tokens).values
        return Dense(values / values.sum(0, keepdim=True).clamp(min=1))


class OneAtATime(Encoder):
    """Stores the tokens in itself while it encodes them."""

    has_waited = False

    def transform(self, tokens):
        self.tokens = tokens
        if threading.current_thread() is not threading.main_thread() and not self.has_waited:
            self.has_waited = True
            wait_until(lambda: self.tokens is not tokens, "another thread encodes")
        return super().transform(self.tokens)


class IncompleteState(Encoder):
    """Its scale is learned, but not part of the state."""

    @classmethod
    def fitted(cls, tokens):
        return cls(["<unknown>", *tokens.words.to_list()], scale=1 / len(tokens))


class TrustsItsState(Encoder):
    @classmethod
    def restored(cls, state):
        return cls(state.get("words") or [])


class DictionaryState(Encoder):
    def state(self):
        return {"words": list(self.words), "numbers": {word: at for at, word in enumerate(self.words)}}


class ForgetsUnknown(Encoder):
    def feature_names(self):
        return self.words[1:]


class SharedVocabulary(Encoder):
    """One vocabulary for all encoders."""

    @classmethod
    def fitted(cls, tokens):
        SEEN.clear()
        SEEN.update({word: at for at, word in enumerate(tokens.words.to_list(), start=1)})
        return super().fitted(tokens)

    def number(self, word):
        return SEEN.get(word, 0)


class Renumbers(Encoder):
    def transform(self, tokens):
        features = super().transform(tokens)
        tokens.codes[:] = 0
        return features


class BySet(Encoder):
    @classmethod
    def fitted(cls, tokens):
        return cls(["<unknown>", *set(tokens.words.to_list())])


class Narrow(Encoder):
    """A bag with features beyond its width."""

    def transform(self, tokens):
        codes = torch.from_numpy(tokens.codes.copy())
        return Bag(codes + self.num_features, torch.from_numpy(tokens.offsets.copy()), None, self.num_features)


def of(encoder, **members):
    own = {
        "fit": lambda self, tokens, labels: encoder.fitted(tokens),
        "fit_transform": Vectorizer.fit_transform,
        "restore": lambda self, state: encoder.restored(state),
    }
    return faulty(OneHot, **{"layout": "dense", **own, **members})


def doubles_weights(self, tokens, labels):
    encoder = Encoder.fitted(tokens)
    return encoder, Dense(encoder.transform(tokens).values * 2)


@frozen
class SetOrder(OneHot):
    """Numbers words in the order of a set.

    Source: the tests of the conformance kit."""

    name = "faulty"
    layout = "dense"

    def fit(self, tokens, labels):
        return BySet.fitted(tokens)


SOUND = [of(Encoder)]
FAULTS = [
    ("transform-does-not-learn", "learns from the texts it encodes", of(FitsAgain)),
    ("empty-and-unknown-texts", "fails for an unknown word", of(CrashesOnUnknown)),
    ("empty-and-unknown-texts", "divides by the length of an empty text", of(Means)),
    ("empty-and-unknown-texts", "drops empty texts", of(DropsEmpty)),
    ("layout-as-declared", "drops a row", of(DropsEmpty)),
    ("layout-as-declared", "another layout", of(Encoder, layout="bag")),
    ("layout-as-declared", "features beyond its width", of(Narrow, layout="bag")),
    ("batch-equals-rows", "normalizes over the batch", of(OverTheBatch)),
    ("thread-safe", "stores its input in itself", of(OneAtATime)),
    ("state-round-trip", "an incomplete state", of(IncompleteState)),
    ("rejects-invalid-state", "accepts any state", of(TrustsItsState)),
    ("state-is-plain", "a dictionary", of(DictionaryState)),
    ("names-every-feature", "the unknown word has no name", of(ForgetsUnknown)),
    (
        "fit-transform-equals-fit-then-transform",
        "other weights in fit_transform",
        of(Encoder, fit_transform=doubles_weights),
    ),
    ("fits-are-independent", "one vocabulary for all encoders", of(SharedVocabulary)),
    ("does-not-modify-input", "modifies the tokens", of(Renumbers)),
    ("same-in-another-process", "the order of a set", SetOrder),
    (
        "batch-equals-rows",
        "tokenizes by the whole column",
        of(Encoder, tokenize=lambda self, texts: _drop_rare_words(texts)),
    ),
]


def _drop_rare_words(texts):
    """Drop words that appear once in the column."""
    words = texts.str.split(" ").explode()
    common = words.value_counts().filter(pl.col("count") > 1)[words.name].to_list()
    return texts.str.split(" ").list.eval(pl.element().filter(pl.element().is_in(common)))
