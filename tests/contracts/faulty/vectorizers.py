"""Faulty vectorizers."""

from __future__ import annotations

from time import sleep

import numpy as np
import polars as pl
import torch
from attrs import frozen

from tests.contracts.faulty import faulty
from zoo_core import Vectorizer
from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense
from zoo_textbook.vectorizers import OneHot

SEEN: dict[str, int] = {}


class Encoder:
    """How often each word of the training split stands in a text: sound, to be spoilt."""

    def __init__(self, words, scale=1.0):
        self.words, self.scale = list(words), scale

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
        if not isinstance(state["words"], list):
            raise TypeError("words")
        return cls(state["words"])

    def number(self, word):
        return self.words.index(word) if word in self.words else 0

    def transform(self, tokens):
        found = np.zeros((len(tokens), self.num_features), dtype=np.float32)
        for row in range(len(tokens)):
            for word in tokens.row(row):
                found[row, self.number(word)] += self.scale
        return Dense(torch.from_numpy(found))


class FitsAgain(Encoder):
    """Learns the words of whatever it is asked."""

    def transform(self, tokens):
        self.words += [word for word in tokens.words.to_list() if word not in self.words]
        return super().transform(tokens)


class CrashesOnUnknown(Encoder):
    def number(self, word):
        return {word: at for at, word in enumerate(self.words)}[word]


class DropsEmpty(Encoder):
    def transform(self, tokens):
        return super().transform(tokens.take(np.flatnonzero(np.diff(tokens.offsets))))


class Means(Encoder):
    """Divides by how many words a text has, 0 or not."""

    def transform(self, tokens):
        lengths = torch.from_numpy(np.diff(tokens.offsets)).float()
        return Dense(super().transform(tokens).values / lengths[:, None])


class OverTheBatch(Encoder):
    def transform(self, tokens):
        values = super().transform(tokens).values
        return Dense(values / values.sum(0, keepdim=True).clamp(min=1))


class OneAtATime(Encoder):
    """Keeps the tokens it was asked last, for a while."""

    def transform(self, tokens):
        self.asked = tokens
        sleep(0.002)
        return super().transform(self.asked)


class HalfAState(Encoder):
    """Its scale is learned, and not kept."""

    @classmethod
    def fitted(cls, tokens):
        return cls(["<unknown>", *tokens.words.to_list()], scale=1 / len(tokens))


class TrustsItsState(Encoder):
    @classmethod
    def restored(cls, state):
        return cls(state.get("words") or [])


class ADictionary(Encoder):
    def state(self):
        return {"words": list(self.words), "numbers": {word: at for at, word in enumerate(self.words)}}


class ForgetsUnknown(Encoder):
    def feature_names(self):
        return self.words[1:]


class InTheModule(Encoder):
    """One vocabulary for all that were ever fitted."""

    @classmethod
    def fitted(cls, tokens):
        SEEN.clear()
        SEEN.update({word: at for at, word in enumerate(tokens.words.to_list(), start=1)})
        return super().fitted(tokens)

    def number(self, word):
        return SEEN.get(word, 0)


class Renumbers(Encoder):
    def transform(self, tokens):
        made = super().transform(tokens)
        tokens.codes[:] = 0
        return made


class BySet(Encoder):
    @classmethod
    def fitted(cls, tokens):
        return cls(["<unknown>", *set(tokens.words.to_list())])


class Narrow(Encoder):
    """A bag that says less of its width than it holds."""

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


def weighs_its_own(self, tokens, labels):
    encoder = Encoder.fitted(tokens)
    return encoder, Dense(encoder.transform(tokens).values * 2)


@frozen
class SetOrder(OneHot):
    """Numbers words in the order of a set.

    Source: the tests of the kit."""

    name = "faulty"
    layout = "dense"

    def fit(self, tokens, labels):
        return BySet.fitted(tokens)


SOUND = [of(Encoder)]
FAULTS = [
    ("transform-does-not-learn", "fitted again by what it is asked", of(FitsAgain)),
    ("empty-and-unknown-texts", "an unknown word crashes", of(CrashesOnUnknown)),
    ("empty-and-unknown-texts", "an empty text is divided by 0", of(Means)),
    ("empty-and-unknown-texts", "empty texts are dropped", of(DropsEmpty)),
    ("layout-as-declared", "a row is lost", of(DropsEmpty)),
    ("layout-as-declared", "another layout", of(Encoder, layout="bag")),
    ("layout-as-declared", "features beyond its width", of(Narrow, layout="bag")),
    ("batch-equals-rows", "divided by the batch's sum", of(OverTheBatch)),
    ("thread-safe", "keeps what it was asked last", of(OneAtATime)),
    ("state-round-trip", "something left out", of(HalfAState)),
    ("rejects-invalid-state", "trusts its state", of(TrustsItsState)),
    ("state-is-plain", "a dictionary", of(ADictionary)),
    ("names-every-feature", "the unknown word has no name", of(ForgetsUnknown)),
    ("fit-transform-equals-fit-then-transform", "other weights in training", of(Encoder, fit_transform=weighs_its_own)),
    ("fits-are-independent", "one vocabulary for all", of(InTheModule)),
    ("does-not-modify-input", "renumbers the tokens", of(Renumbers)),
    ("same-in-another-process", "the order of a set", SetOrder),
    ("batch-equals-rows", "cuts by the column", of(Encoder, tokenize=lambda self, texts: _rare_cut(texts))),
]


def _rare_cut(texts):
    """Leaves out words that stand in no second text of the column it happens to see."""
    words = texts.str.split(" ").explode()
    common = words.value_counts().filter(pl.col("count") > 1)[words.name].to_list()
    return texts.str.split(" ").list.eval(pl.element().filter(pl.element().is_in(common)))
