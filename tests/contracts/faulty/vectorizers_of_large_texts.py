"""Faulty vectorizers of counted words: states, training splits and texts that are large, small or strange."""

from __future__ import annotations

from collections import Counter

import numpy as np
import torch

from tests.contracts.faulty.vectorizers_of_words import Words, words
from zoo_core.features.layouts import Dense


class Doubles(Words):
    """Uses weights of 64 bits, and stores them with 32."""

    def fit_scale(self, tokens, labels):
        return super().fit_scale(tokens, labels).double() / 3

    def text(self, words):
        return (super().text(words) * 1e6 % 1).astype(np.float32)

    def state(self):
        return {**super().state(), "scale": self.scale.float()}


class Rounded(Words):
    def state(self):
        return {**super().state(), "scale": (self.scale * 1e4).round() / 1e4}


class CommonWords(Words):
    """Stores the 1,000 most common words."""

    def state(self):
        order = sorted(
            range(len(self.words)), key=lambda at: (self.words[at] != "<unknown>", float(self.scale[at]), at)
        )
        kept = sorted(order[:1000])
        return {"words": [self.words[at] for at in kept], "scale": self.scale[kept]}


class LearnedLength(Words):
    """Cuts texts at the longest of the training split, which it does not store."""

    longest = 0

    @classmethod
    def fitted(cls, tokens, labels):
        found = super().fitted(tokens, labels)
        found.longest = int(np.diff(tokens.offsets).max(initial=1))
        return found

    def text(self, words):
        return super().text(words[: self.longest or None])


class JoinedWords(Words):
    """Stores its words as one text."""

    def state(self):
        return {**super().state(), "words": " ".join(self.words).split(" ")}


class StrippedWords(Words):
    def state(self):
        return {**super().state(), "words": [word.strip() for word in self.words]}


class FirstWords(Words):
    def text(self, words):
        return super().text(words[:5])


class FirstHundreds(Words):
    def text(self, words):
        return super().text(words[:400])


class CountsInABytes(Words):
    def text(self, words):
        values = np.zeros(self.num_features, dtype=np.uint8)
        np.add.at(values, [self.number(word) for word in words], 1)
        return values * self.scale.numpy()


class EachTextOnce(Words):
    """Encodes repeated texts once."""

    def transform(self, tokens):
        rows = dict.fromkeys(" ".join(tokens.row(row)) for row in range(len(tokens)))
        values = [self.text(row.split()) for row in rows]
        return Dense(torch.from_numpy(np.stack(values)) if values else torch.zeros(0, self.num_features))


class StandardDeviations(Words):
    """Divides by the deviation over the training texts, which one text does not have."""

    def fit_scale(self, tokens, labels):
        self.scale = torch.ones(self.num_features)
        return 1 / (self.transform(tokens).values.std(dim=0) + 0.1)


class TwoClasses(Words):
    """Weighs words by how much more often they are in the second class."""

    def fit_scale(self, tokens, labels):
        sizes = torch.bincount(labels)
        return torch.full((self.num_features,), float(sizes[1] / sizes[0]))


class Latin(Words):
    def number(self, word):
        return super().number(word.encode("latin-1").decode("latin-1"))


class FirstTexts(Words):
    """Learns its weights from the first 100 texts."""

    def fit_scale(self, tokens, labels):
        return super().fit_scale(tokens.slice(0, min(100, len(tokens))), labels)


class LateStandard(Words):
    """Centers large batches."""

    def transform(self, tokens):
        values = super().transform(tokens).values
        return Dense(values - values.mean(dim=0) if len(values) > 100 else values)


class SharesBuffer(Words):
    """Writes the features of every batch into one array."""

    def transform(self, tokens):
        values = super().transform(tokens).values
        buffer = self.__dict__.setdefault("buffer", torch.zeros(4096, self.num_features))
        buffer[: len(values)] = values
        return Dense(buffer[: len(values)])


class StackedRows(Words):
    """Stacks the counts of the texts that have words, with one row for each."""

    def transform(self, tokens):
        found = [self.text(tokens.row(row)) for row in range(len(tokens)) if tokens.row(row)]
        values = np.zeros((len(tokens), self.num_features), dtype=np.float32)
        values[np.diff(tokens.offsets) > 0] = np.stack(found)
        return Dense(torch.from_numpy(values))


class NegativeLogs(Words):
    """log of a share of the text, which is -infinity for every other word."""

    def text(self, words):
        found = Counter(words)
        return np.log(np.array([found[word] for word in self.words], dtype=np.float32) / max(len(words), 1))


class TrustsShapes(Words):
    @classmethod
    def restored(cls, state):
        return cls(list(state["words"]), state["scale"].float())


class TrustsNumbers(Words):
    @classmethod
    def restored(cls, state):
        if not isinstance(state["words"], list) or state["scale"].shape != (len(state["words"]),):
            raise ValueError("words")
        return cls(state["words"], state["scale"])


class DefaultsForMissing(Words):
    """A state without weights is taken for one of ones."""

    @classmethod
    def restored(cls, state):
        scale = state.get("scale", torch.ones(len(state["words"])))
        return super().restored({**state, "scale": scale})


def characters(self, texts):
    return texts.str.split("")


SLOW = True
SOUND = []
FAULTS = [
    ("state-round-trip", "64 bits in use, 32 stored", words(Doubles)),
    ("state-round-trip", "rounds to four digits", words(Rounded)),
    ("state-round-trip", "stores the common words", words(CommonWords)),
    ("state-round-trip", "does not store a length", words(LearnedLength)),
    ("state-round-trip", "joins its words with spaces", words(JoinedWords, tokenize=characters)),
    ("state-round-trip", "strips its words", words(StrippedWords, tokenize=characters)),
    ("reads-the-whole-text", "only the first five words", words(FirstWords)),
    ("reads-the-whole-text", "only the first 400 words", words(FirstHundreds)),
    ("reads-the-whole-text", "counts in a byte", words(CountsInABytes)),
    ("layout-as-declared", "repeated texts once", words(EachTextOnce)),
    ("fits-any-training-split", "the deviation of one row", words(StandardDeviations)),
    ("fits-any-training-split", "counts on two classes", words(TwoClasses)),
    ("fits-any-training-split", "fails for an emoji", words(Latin)),
    ("fit-ignores-the-order-of-rows", "weights of the first texts", words(FirstTexts)),
    ("batch-equals-rows", "centers large batches", words(LateStandard)),
    ("batch-equals-rows", "one array for all batches", words(SharesBuffer)),
    ("layout-as-declared", "fails for a batch of empty texts", words(StackedRows)),
    ("layout-as-declared", "the logarithm of 0", words(NegativeLogs)),
    ("rejects-invalid-state", "trusts the shapes of tensors", words(TrustsShapes)),
    ("rejects-invalid-state", "trusts numbers and names", words(TrustsNumbers)),
    ("rejects-invalid-state", "has defaults for what is missing", words(DefaultsForMissing)),
]
