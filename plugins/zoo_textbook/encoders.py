"""Encoders with a vocabulary: columns of tokens to a Bag, in native code."""

from __future__ import annotations

from typing import Self

import numpy as np
import polars as pl
from attrs import frozen
from numpy.typing import NDArray
from torch import Tensor

from zoo_core.components.contracts import Weighting
from zoo_core.components.fitted_weighting import FittedWeighting, fit_weighting, restore_weighting
from zoo_core.components.protocols import State
from zoo_core.features.bag import Bag
from zoo_core.features.counting import ChunkCounts, build_bag, count_ids
from zoo_core.features.tokens import Tokens
from zoo_textbook.vocabulary import UNKNOWN, Vocabulary

DROPPED = -1  # in place of a vocabulary index


@frozen(eq=False)
class OneHotEncoder:
    """The set of vocabulary words that appear in each text."""

    vocabulary: Vocabulary
    punctuation: bool

    @classmethod
    def fit(cls, tokens: Tokens, *, cutoff: int, punctuation: bool) -> Self:
        """Build the vocabulary of the words above the cutoff, by falling count, then in alphabetical order."""
        table = pl.DataFrame({"word": tokens.words, "count": tokens.counts()}).filter(pl.col("count") > cutoff)
        if not punctuation:
            table = table.filter(~is_punctuation(table["word"]))
        table = table.filter(pl.col("word") != UNKNOWN).sort(["count", "word"], descending=[True, False])
        return cls(Vocabulary.from_words(table["word"].to_list()), punctuation)

    @classmethod
    def restore(cls, state: State, *, punctuation: bool) -> Self:
        """Restore from `state()`; ValueError, KeyError or TypeError for any other state."""
        words = state["words"]
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise ValueError("words must be a list of strings")
        return cls(Vocabulary(tuple(words)), punctuation)

    @property
    def num_features(self) -> int:
        return len(self.vocabulary)

    def feature_names(self) -> list[str]:
        return list(self.vocabulary.words)

    def state(self) -> State:
        return {"words": self.vocabulary.state()}

    def transform(self, tokens: Tokens) -> Bag:
        """Return a Bag with each feature of a row once, in ascending order, without weights."""
        return self.to_bag(tokens, counts=False)

    def to_bag(self, tokens: Tokens, *, counts: bool) -> Bag:
        """Return the Bag of `transform`; with `counts`, the weight of a feature is how often it occurs."""
        word_indices = self._word_indices(tokens.words)

        def encode(start: int, stop: int) -> ChunkCounts:
            chunk = tokens.slice(start, stop)
            indices, rows = word_indices.take(chunk.raw_codes), chunk.row_ids()
            is_kept = indices != DROPPED
            return count_ids(
                rows.compress(is_kept), indices.compress(is_kept), num_rows=len(chunk), width=self.num_features
            )

        return build_bag(len(tokens), encode, width=self.num_features, counts=counts)

    def _word_indices(self, words: pl.Series) -> NDArray[np.int64]:
        """Return the vocabulary index of each word; DROPPED for punctuation."""
        known_words = pl.Enum(list(self.vocabulary.words[1:]))
        indices = (words.cast(known_words, strict=False).to_physical().cast(pl.Int64) + 1).fill_null(0)
        word_indices = indices.to_numpy().copy()
        if not self.punctuation:
            word_indices[is_punctuation(words).to_numpy()] = DROPPED
        return word_indices


@frozen(eq=False)
class CountEncoder:
    """The weighted counts of the vocabulary words in each text."""

    words: OneHotEncoder
    fitted_weighting: FittedWeighting

    @property
    def num_features(self) -> int:
        return self.words.num_features

    def feature_names(self) -> list[str]:
        return self.words.feature_names()

    def state(self) -> State:
        return {**self.words.state(), **self.fitted_weighting.state()}

    def transform(self, tokens: Tokens) -> Bag:
        return self.fitted_weighting(self.words.to_bag(tokens, counts=self.fitted_weighting.weighting.needs_counts))


def fit_weighted(
    words: OneHotEncoder, tokens: Tokens, labels: Tensor, *, weighting: Weighting, norm: str
) -> tuple[CountEncoder, Bag]:
    """Fit a weighting to the counts of training tokens; return the encoder and their features."""
    counts = words.to_bag(tokens, counts=weighting.needs_counts)
    fitted_weighting = fit_weighting(weighting, norm, counts, labels)
    return CountEncoder(words, fitted_weighting), fitted_weighting(counts)


def restore_weighted(state: State, *, punctuation: bool, weighting: Weighting, norm: str) -> CountEncoder:
    """Restore from `CountEncoder.state()`; ValueError, KeyError or TypeError for any other state."""
    words = OneHotEncoder.restore(state, punctuation=punctuation)
    return CountEncoder(words, restore_weighting(weighting, norm, state, words.num_features))


def is_punctuation(words: pl.Series) -> pl.Series:
    """Return whether each token consists of punctuation only (ASCII, and Unicode category P)."""
    return words.str.contains(r"^[\p{P}$+<=>^`|~]*$")
