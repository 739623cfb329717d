"""Encoder of hashed n-grams: the feature of an n-gram is a hash of its words, the same on every machine."""

from __future__ import annotations

from zlib import crc32

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

GOLDEN_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2⁶⁴ / golden ratio, odd: Knuth's multiplicative hashing
Hashes = NDArray[np.uint64]


def hash_words(words: pl.Series) -> Hashes:
    """Return the CRC-32 of the UTF-8 bytes of each word."""
    return np.fromiter((crc32(word.encode()) for word in words.to_list()), dtype=np.uint64, count=len(words))


@frozen(eq=False)
class HashingEncoder:
    """The weighted hashed n-grams of each text."""

    orders: tuple[int, int]
    num_features: int
    fitted_weighting: FittedWeighting

    def transform(self, tokens: Tokens) -> Bag:
        with_counts = self.fitted_weighting.weighting.needs_counts
        return self.fitted_weighting(count_hashes(tokens, self.orders, self.num_features, with_counts=with_counts))

    def feature_names(self) -> list[str]:
        return []

    def state(self) -> State:
        return {"size": self.num_features, **self.fitted_weighting.state()}


def count_hashes(tokens: Tokens, orders: tuple[int, int], num_features: int, *, with_counts: bool) -> Bag:
    """Return each feature of a row once, in ascending order, with how often it occurs if `with_counts`.

    `orders` are the shortest and the longest word n-gram, `num_features` a power of two.
    """
    word_hashes = hash_words(tokens.words) * GOLDEN_MULTIPLIER
    shift = np.uint64(64 - (num_features.bit_length() - 1))
    shortest, longest = orders

    def encode(start: int, stop: int) -> ChunkCounts:
        chunk = tokens.slice(start, stop)
        token_hashes, rows = word_hashes.take(chunk.raw_codes), chunk.row_ids()
        pairs, hashes = [], token_hashes
        for order in range(1, longest + 1):
            if order > 1:  # hashes[i] is that of the n-gram that starts at i
                hashes = (hashes[:-1] ^ (hashes[:-1] >> np.uint64(29))) * GOLDEN_MULTIPLIER + token_hashes[order - 1 :]
            is_in_row = rows[: len(hashes)] == rows[order - 1 :]
            if order >= shortest:
                mixed = (hashes ^ (hashes >> np.uint64(32))) * GOLDEN_MULTIPLIER
                features = (mixed >> shift).compress(is_in_row).astype(np.int64)
                pairs.append((rows[: len(hashes)].compress(is_in_row), features))
        row_ids, features = (np.concatenate(column) for column in zip(*pairs, strict=True))
        return count_ids(row_ids, features, num_rows=len(chunk), width=num_features)

    return build_bag(len(tokens), encode, width=num_features, counts=with_counts)


def fit_hashing(
    orders: tuple[int, int], size: int, tokens: Tokens, labels: Tensor, *, weighting: Weighting, norm: str
) -> tuple[HashingEncoder, Bag]:
    """Fit a weighting to the hashed n-grams of training tokens; return the encoder and their features."""
    counts = count_hashes(tokens, orders, size, with_counts=weighting.needs_counts)
    fitted_weighting = fit_weighting(weighting, norm, counts, labels)
    return HashingEncoder(orders, size, fitted_weighting), fitted_weighting(counts)


def restore_hashing(
    state: State, orders: tuple[int, int], size: int, *, weighting: Weighting, norm: str
) -> HashingEncoder:
    """Restore from `HashingEncoder.state()`; ValueError for any other state."""
    if state.get("size") != size:
        raise ValueError(f"size must be {size}")
    return HashingEncoder(orders, size, restore_weighting(weighting, norm, state, size))
