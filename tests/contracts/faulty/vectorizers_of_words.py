"""Faulty vectorizers of counted words: unknown words, repeated fits, stored states, large and strange texts."""

from __future__ import annotations

from collections import Counter
from difflib import get_close_matches
from functools import cache
from zlib import crc32

import numpy as np
import torch
from attrs import frozen

from tests.contracts.faulty import faulty
from zoo_core import Vectorizer
from zoo_core.features.layouts import Dense
from zoo_textbook.vectorizers import OneHot

UNKNOWN = "<unknown>"


class Words:
    """Weighted counts of the words of the training split, correct; other words are counted as feature 0."""

    has_unknown = True

    def __init__(self, words, scale=None):
        self.words, self.scale = list(words), scale
        self.numbers = {word: at for at, word in enumerate(self.words)}

    @classmethod
    def fitted(cls, tokens, labels):
        words = tokens.words.to_list()
        found = cls([UNKNOWN, *words] if cls.has_unknown else words or ["nothing"])
        found.scale = found.fit_scale(tokens, labels)
        return found

    def fit_scale(self, tokens, labels):
        """Inverse document frequencies."""
        texts = np.zeros(len(self.words), dtype=np.float32)
        for row in range(len(tokens)):
            for number in {self.number(word) for word in tokens.row(row)} - {None}:
                texts[number] += 1
        return torch.from_numpy(np.log((1 + len(tokens)) / (1 + texts)) + 1).float()

    @property
    def num_features(self):
        return len(self.words)

    def feature_names(self):
        return list(self.words)

    def state(self):
        return {"words": list(self.words), "scale": self.scale}

    @classmethod
    def restored(cls, state):
        words, scale = state["words"], state["scale"]
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise TypeError("words")
        if len(set(words)) < len(words) or scale.dtype != torch.float32 or scale.shape != (len(words),):
            raise ValueError("words and scale")
        if not scale.isfinite().all():
            raise ValueError("scale")
        return cls(words, scale)

    def number(self, word):
        return self.numbers.get(word, 0 if self.has_unknown else None)

    def text(self, words):
        """The features of one text."""
        values = np.zeros(self.num_features, dtype=np.float32)
        for word, count in Counter(words).items():
            number = self.number(word)
            if number is not None:
                values[number] += count
        return values * self.scale.numpy()

    def transform(self, tokens):
        values = np.zeros((len(tokens), self.num_features), dtype=np.float32)
        for row in range(len(tokens)):
            values[row] = self.text(tokens.row(row))
        return Dense(torch.from_numpy(values))


class NoUnknown(Words):
    """Unknown words are left out, correct."""

    has_unknown = False


class HashesUnknown(NoUnknown):
    def number(self, word):
        return self.numbers.get(word, crc32(word.encode()) % len(self.words))


class NearestKnown(NoUnknown):
    """An unknown word counts as the word that is spelled most like it."""

    def number(self, word):
        return self.numbers.get(word, self.numbers[get_close_matches(word, self.words, 1, 0.0)[0]])


class SeveralUnknown(Words):
    """An unknown word is one of the last features, by its first letter."""

    def number(self, word):
        return self.numbers.get(word, ord(word[0]) % 3)


class SharesOfTokens(NoUnknown):
    """Divides counts by the number of words, those it does not know included."""

    def text(self, words):
        return super().text(words) / max(len(words), 1)


class StopsAtUnknown(NoUnknown):
    def text(self, words):
        known = [word in self.numbers for word in words]
        return super().text(words[: known.index(False)] if False in known else words)


class DropsUnknownRows(NoUnknown):
    def transform(self, tokens):
        values = super().transform(tokens).values
        has_tokens = torch.from_numpy(np.diff(tokens.offsets) > 0)
        return Dense(values[(values != 0).any(dim=1) | ~has_tokens])


class GrowingVocabulary(Words):
    """A dictionary in the class, which every fit adds to."""

    vocabulary: dict[str, int] = {}

    @classmethod
    def fitted(cls, tokens, labels):
        for word in [UNKNOWN, *tokens.words.to_list()]:
            cls.vocabulary.setdefault(word, len(cls.vocabulary))
        found = cls(cls.vocabulary)
        found.scale = found.fit_scale(tokens, labels)
        return found


class FittedOnce(Words):
    """Keeps the first encoder."""

    encoder: list[Words] = []

    @classmethod
    def fitted(cls, tokens, labels):
        if not cls.encoder:
            cls.encoder.append(super().fitted(tokens, labels))
        return cls.encoder[0]


@cache
def cached_count(word, count):
    CACHED.setdefault(word, count)
    return CACHED[word]


CACHED: dict[str, int] = {}


class CachedCounts(Words):
    """The weight of a word is cached by the word alone."""

    def fit_scale(self, tokens, labels):
        counts = dict(zip(tokens.words.to_list(), tokens.counts().tolist(), strict=True))
        return torch.tensor([1.0 + cached_count(word, counts.get(word, 1)) for word in self.words])


class TotalCounts(Words):
    """Document frequencies of all fits together."""

    total: Counter[str] = Counter()

    def fit_scale(self, tokens, labels):
        self.total.update(dict(zip(tokens.words.to_list(), tokens.counts().tolist(), strict=True)))
        return torch.tensor([1.0 / (1 + self.total[word]) for word in self.words])


def words(encoder, **members):
    own = {
        "layout": "dense",
        "fit": lambda self, tokens, labels: encoder.fitted(tokens, labels),
        "fit_transform": Vectorizer.fit_transform,
        "restore": lambda self, state: encoder.restored(state),
    }
    return faulty(OneHot, **{**own, **members})


@frozen
class SaltedHashes(OneHot):
    """Features by Python's hash of a word, which differs in every process.

    Source: the tests of the conformance kit."""

    name = "faulty"
    layout = "dense"
    has_feature_names = False

    def fit(self, tokens, labels):
        return Salted.fitted(tokens, labels)

    def restore(self, state):
        return Salted.restored(state)


class Salted(Words):
    def number(self, word):
        return hash(word) % len(self.words)

    def feature_names(self):
        return []


SLOW = True
SOUND = [words(NoUnknown)]
FAULTS = [
    ("unknown-words-change-nothing", "hashes onto a known feature", words(HashesUnknown)),
    ("unknown-words-change-nothing", "counts as the nearest known word", words(NearestKnown)),
    ("unknown-words-change-nothing", "another feature for another unknown word", words(SeveralUnknown)),
    ("unknown-words-change-nothing", "is counted into the norm", words(SharesOfTokens)),
    ("unknown-words-change-nothing", "ends the text", words(StopsAtUnknown)),
    ("layout-as-declared", "drops texts without a known word", words(DropsUnknownRows)),
    ("fits-forget-other-fits", "a vocabulary in the class", words(GrowingVocabulary)),
    ("fits-forget-other-fits", "keeps the first encoder", words(FittedOnce)),
    ("fits-forget-other-fits", "weights cached by word", words(CachedCounts)),
    ("fits-forget-other-fits", "counts of all fits together", words(TotalCounts)),
    ("same-in-another-process", "features by salted hashes", SaltedHashes),
]
