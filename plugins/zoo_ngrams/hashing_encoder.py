"""The hashing vectorizer's encoder: each n-gram's feature is a hash of its words, the same on every machine."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
import polars as pl
from attrs import frozen
from numpy.typing import NDArray
from torch import Tensor

from zoo_core.components import fitted_weighting
from zoo_core.components.contracts import Weighting
from zoo_core.components.fitted_weighting import FittedWeighting
from zoo_core.components.protocols import State
from zoo_core.features.bag import Bag
from zoo_core.features.counting import ChunkCounts, build_bag, count_ids
from zoo_core.features.tokens import Tokens

if TYPE_CHECKING:
    from zoo_ngrams.vectorizers import HashedNgrams

MIX = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / the golden ratio, odd: Knuth's multiplicative hashing
Hashes = NDArray[np.uint64]


def hashes_of(words: pl.Series) -> Hashes:
    """A number for each word, from its UTF-8 bytes alone."""
    return np.fromiter((crc32(word.encode()) for word in words.to_list()), dtype=np.uint64, count=len(words))


@frozen(eq=False)
class HashedEncoder:
    """Texts as hashed n-grams, weighted."""

    orders: tuple[int, int]
    num_features: int
    weighting: Weighting
    weigher: FittedWeighting | None  # None while the counts are taken that it learns from

    def counts(self, tokens: Tokens) -> Bag:
        """Each feature of a row once, ascending, with how often it stands there."""
        words = hashes_of(tokens.words) * MIX
        shift = np.uint64(64 - (self.num_features.bit_length() - 1))

        def encoded(start: int, stop: int) -> ChunkCounts:
            piece = tokens.slice(start, stop)
            own, rows = words.take(piece.raw_codes), piece.row_ids()
            found, hashes = [], own
            for order in range(1, self.orders[1] + 1):
                if order > 1:  # hashes[i]: of the n-gram that begins at i; one fewer fits into each row
                    hashes = (hashes[:-1] ^ (hashes[:-1] >> np.uint64(29))) * MIX + own[order - 1 :]
                whole = rows[: len(hashes)] == rows[order - 1 :]
                if order >= self.orders[0]:
                    mixed = (hashes ^ (hashes >> np.uint64(32))) * MIX
                    found.append(
                        (rows[: len(hashes)].compress(whole), (mixed >> shift).compress(whole).astype(np.int64))
                    )
            at, ids = (np.concatenate(column) for column in zip(*found, strict=True))
            return count_ids(at, ids, num_rows=len(piece), width=self.num_features)

        return build_bag(len(tokens), encoded, width=self.num_features, counts=self.weighting.needs_counts)

    def transform(self, tokens: Tokens) -> Bag:
        assert self.weigher is not None
        return self.weigher(self.counts(tokens))

    def feature_names(self) -> list[str]:
        return []

    def state(self) -> State:
        assert self.weigher is not None
        return {"size": self.num_features, **self.weigher.state()}


def fitted(part: HashedNgrams, tokens: Tokens, labels: Tensor) -> tuple[HashedEncoder, Bag]:
    """An encoder of a vectorizer's settings, and the features of what its weighting was fitted on."""
    orders = (part.words[0], part.words[1])
    counts = HashedEncoder(orders, part.size, part.weighting, None).counts(tokens)
    weigher = fitted_weighting.fit_weighting(part.weighting, part.norm, counts, labels)
    return HashedEncoder(orders, part.size, part.weighting, weigher), weigher(counts)


def restored(part: HashedNgrams, state: State) -> HashedEncoder:
    """From `state()`; ValueError for anything else."""
    if state.get("size") != part.size:
        raise ValueError(f"size must be {part.size}")
    weigher = fitted_weighting.restore_weighting(part.weighting, part.norm, state, part.size)
    return HashedEncoder((part.words[0], part.words[1]), part.size, part.weighting, weigher)
