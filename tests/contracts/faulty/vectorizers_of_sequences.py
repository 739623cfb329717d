"""Faulty vectorizers of sequences."""

from __future__ import annotations

import numpy as np
import torch

from tests.contracts.faulty.vectorizers_of_words import words
from zoo_core.features.layouts import Sequence

FIRST = 2  # the number of the first word: 0 is padding, 1 an unknown word


class Ids:
    """The number of each word in order, correct."""

    unknown = 1

    def __init__(self, words):
        self.words = list(words)
        self.numbers = {word: at for at, word in enumerate(self.words, start=FIRST)}

    @classmethod
    def fitted(cls, tokens, labels):
        return cls(tokens.words.to_list())

    @property
    def num_features(self):
        return len(self.words) + FIRST

    def feature_names(self):
        return ["<padding>", "<unknown>", *self.words]

    def state(self):
        return {"words": list(self.words)}

    @classmethod
    def restored(cls, state):
        words = state["words"]
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise TypeError("words")
        if len(set(words)) < len(words):
            raise ValueError("words")
        return cls(words)

    def number(self, word):
        return self.numbers.get(word, self.unknown)

    def text(self, words):
        return [self.number(word) for word in words]

    def transform(self, tokens):
        rows = [self.text(tokens.row(row)) for row in range(len(tokens))]
        offsets = torch.from_numpy(np.cumsum([0, *map(len, rows)]))
        ids = torch.tensor([id for row in rows for id in row], dtype=torch.int32)
        return Sequence(ids, offsets, self.num_features)


class ZeroForUnknown(Ids):
    unknown = 0


class NextForUnknown(Ids):
    """The number after the last, which is not counted."""

    def number(self, word):
        return self.numbers.get(word, len(self.words) + FIRST)


class WidthOfWords(Ids):
    @property
    def num_features(self):
        return len(self.words)


class Windows(Ids):
    """Pads what follows 300 words."""

    def text(self, words):
        ids = super().text(words)
        return ids[:300] + [0] * len(ids[300:])


class LastRow(Ids):
    """Leaves the last row as it was allocated."""

    def transform(self, tokens):
        features = super().transform(tokens)
        ids = features.ids.clone()
        ids[int(features.offsets[-2]) :] = 0
        return Sequence(ids, features.offsets, features.width)


class LongIds(Ids):
    def transform(self, tokens):
        features = super().transform(tokens)
        return Sequence(features.ids.long(), features.offsets, features.width)


class EarlyOffsets(Ids):
    """Counts lengths before it leaves out unknown words."""

    def text(self, words):
        return [self.numbers[word] for word in words if word in self.numbers]

    def transform(self, tokens):
        features = super().transform(tokens)
        return Sequence(features.ids, torch.from_numpy(tokens.offsets.copy()), features.width)


class FromOne(Ids):
    """Offsets that do not begin with 0 for a slice of a larger column."""

    def transform(self, tokens):
        features = super().transform(tokens)
        return Sequence(features.ids, features.offsets + (len(tokens) > 100), features.width)


class FiftyWords(Ids):
    def text(self, words):
        return super().text(words)[:50]


class Skipped(Ids):
    """An unknown word takes the word behind it along."""

    def text(self, words):
        known = [True, *(word in self.numbers for word in words)]
        return [self.number(word) for at, word in enumerate(words) if known[at] or not words[at - 1 : at]]


class BytesOfIds(Ids):
    """Ids of one byte."""

    def number(self, word):
        return super().number(word) % 256


def sequences(encoder, **members):
    return words(encoder, **{"layout": "sequence", **members})


SLOW = True
SOUND = [sequences(Ids)]
FAULTS = [
    ("sequence-ids-are-valid", "0 for an unknown word", sequences(ZeroForUnknown)),
    ("sequence-ids-are-valid", "the width for an unknown word", sequences(NextForUnknown)),
    ("sequence-ids-are-valid", "a width without the reserved ids", sequences(WidthOfWords)),
    ("sequence-ids-are-valid", "0 after 300 words", sequences(Windows)),
    ("sequence-ids-are-valid", "0 in the last row", sequences(LastRow)),
    ("sequence-ids-are-valid", "0 for every 256th word", sequences(BytesOfIds)),
    ("layout-as-declared", "ids of 64 bits", sequences(LongIds)),
    ("layout-as-declared", "offsets of other lengths", sequences(EarlyOffsets)),
    ("layout-as-declared", "offsets of many rows from 1", sequences(FromOne)),
    ("reads-the-whole-text", "only 50 words", sequences(FiftyWords)),
    ("unknown-words-change-nothing", "takes the next word along", sequences(Skipped)),
]
