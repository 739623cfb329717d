"""The fitted vectorizers of a vocabulary: whole columns of tokens → a Bag, in native code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np
import polars as pl
from attrs import frozen
from numpy.typing import NDArray
from torch import Tensor

from zoo_core.components import fitted_weighting
from zoo_core.components.fitted_weighting import FittedWeighting
from zoo_core.components.protocols import State
from zoo_core.features.bag import Bag
from zoo_core.features.counting import ChunkCounts, build_bag, count_ids
from zoo_core.features.tokens import Tokens
from zoo_textbook.vocabulary import UNKNOWN, Vocabulary

if TYPE_CHECKING:
    from zoo_textbook.vectorizers import Count, TfIdf

LEFT_OUT = -1


@frozen(eq=False)
class OneHotEncoder:
    """Texts as the set of the vocabulary's words they hold."""

    vocabulary: Vocabulary
    punctuation: bool

    @classmethod
    def fitted(cls, tokens: Tokens, *, cutoff: int, punctuation: bool) -> Self:
        """Words counted above the cutoff, the most frequent first, equal counts in alphabetical order."""
        counts = tokens.counts()
        table = pl.DataFrame({"word": tokens.words, "count": counts})
        kept = table.filter(pl.col("count") > cutoff)
        if not punctuation:
            kept = kept.filter(~is_punctuation(kept["word"]))
        kept = kept.filter(pl.col("word") != UNKNOWN).sort(["count", "word"], descending=[True, False])
        return cls(Vocabulary.of(kept["word"].to_list()), punctuation)

    @classmethod
    def restored(cls, state: State, *, punctuation: bool) -> Self:
        """From `state()`; ValueError, KeyError or TypeError for anything else."""
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
        """A Bag with each feature of a row once, in ascending order, and no weights."""
        return self.bag(tokens, counts=False)

    def bag(self, tokens: Tokens, *, counts: bool) -> Bag:
        """The same; where `counts`, weighed by how often each feature stands there."""
        table = self._indices(tokens.words)

        def encoded(start: int, stop: int) -> ChunkCounts:
            piece = tokens.slice(start, stop)
            indices, rows = table.take(piece.raw_codes), piece.row_ids()
            known = indices != LEFT_OUT
            return count_ids(
                rows.compress(known), indices.compress(known), num_rows=len(piece), width=self.num_features
            )

        return build_bag(len(tokens), encoded, width=self.num_features, counts=counts)

    def _indices(self, words: pl.Series) -> NDArray[np.int64]:
        """The vocabulary's number of each word of a column of tokens; LEFT_OUT for punctuation."""
        known = pl.Enum(list(self.vocabulary.words[1:]))
        found = words.cast(known, strict=False).to_physical().cast(pl.Int64) + 1
        indices = found.fill_null(0).to_numpy().copy()
        if not self.punctuation:
            indices[is_punctuation(words).to_numpy()] = LEFT_OUT
        return indices


@frozen(eq=False)
class CountEncoder:
    """Texts as how often they hold each word of the vocabulary, weighed."""

    words: OneHotEncoder
    weigher: FittedWeighting

    @property
    def num_features(self) -> int:
        return self.words.num_features

    def feature_names(self) -> list[str]:
        return self.words.feature_names()

    def state(self) -> State:
        return {**self.words.state(), **self.weigher.state()}

    def transform(self, tokens: Tokens) -> Bag:
        return self.weigher(self.words.bag(tokens, counts=self.weigher.weighting.needs_counts))


def fitted(part: Count | TfIdf, tokens: Tokens, labels: Tensor) -> tuple[CountEncoder, Bag]:
    """An encoder of a vectorizer's settings, and the features of what it was fitted on."""
    words = OneHotEncoder.fitted(tokens, cutoff=part.cutoff, punctuation=part.punctuation)
    counts = words.bag(tokens, counts=part.weighting.needs_counts)
    weigher = fitted_weighting.fit_weighting(part.weighting, part.norm, counts, labels)
    return CountEncoder(words, weigher), weigher(counts)


def restored(part: Count | TfIdf, state: State) -> CountEncoder:
    """From `state()`; ValueError, KeyError or TypeError for anything else."""
    words = OneHotEncoder.restored(state, punctuation=part.punctuation)
    return CountEncoder(words, fitted_weighting.restore_weighting(part.weighting, part.norm, state, words.num_features))


def is_punctuation(words: pl.Series) -> pl.Series:
    """Whether each token is made of punctuation alone (ASCII, and Unicode's category P)."""
    return words.str.contains(r"^[\p{P}$+<=>^`|~]*$")
