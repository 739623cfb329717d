"""Texts that are nearly the same: found by MinHash with banding, each pair verified by its true similarity.

Two texts are as alike as the Jaccard similarity |A ∩ B| / |A ∪ B| of their sets of word pairs (of a text of one word,
the word). MinHash: of a random order of all word pairs, the least one of A is the least one of B with just that
probability; bands of several such least ones find candidates without comparing every text with every other.

Source: Broder 1997, "On the Resemblance and Containment of Documents"; Leskovec, Rajaraman & Ullman, "Mining of
Massive Datasets", section 3.4 (banding).
"""

from __future__ import annotations

import math
from functools import partial
from itertools import pairwise

import numpy as np
import polars as pl
from attrs import frozen
from numpy.typing import NDArray

from zoo_core.parallel import map_chunks
from zoo_core.seeds import derive_seed

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
CHUNK_ROWS = 1024  # rows hashed at once, so that their word pairs stay in the processor's cache
CHUNK_PAIRS = 1 << 12  # candidates verified at once
MAX_HASHES = 64  # the most least ones of a text
MAX_MISS_PROBABILITY = 0.01  # the most probable miss of a pair that is just alike enough
NEIGHBORS_PER_ROW = 3  # in a bucket, the rows each row is compared with, beside the first one
HASH_BITS = np.uint64(32)  # bits of a hash that are left, and bits above them for the number of a set
MIX_FACTORS = tuple(np.uint64(one) for one in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xFF51AFD7ED558CCD))


def find_near_duplicates(texts: pl.Series, min_similarity: float, *, seed: int = 0) -> tuple[Ints, Ints]:
    """Groups of texts linked by pairs at least so alike: for each text the first row of its group `(rows,)`, and an
    earlier row that it is so alike itself, -1 for none (it may be linked by later ones alone).

    `texts` are plain: words with one space between them, none empty, as a rule none twice. `least` is from 0.5 up
    to below 1. A pair just that alike is missed once in a hundred times, one that is more alike hardly ever.
    """
    keys = _band_keys(texts, min_similarity, seed)
    pairs, begins = _candidates(keys)
    height = max(len(texts), 1)
    sets = ShingleSets.from_texts(texts, np.unique(np.concatenate(np.divmod(pairs, height))))
    root, partner = np.arange(len(texts)), np.full(len(texts), -1)
    for start, stop in pairwise(begins):
        one, other = np.divmod(pairs[start:stop], height)
        apart = root[one] != root[other]  # what is linked already need not be compared
        one, other = one[apart], other[apart]
        near = sets.similarity(one, other) >= min_similarity
        partner[other[near]] = one[near]
        root = _merge_groups(root, one[near], other[near])
    return root, partner


def choose_bands(min_similarity: float) -> tuple[int, int]:
    """How many bands, and how many least ones in each, find pairs this alike; as selective as `HASHES` allow.

    >>> choose_bands(0.8)
    (12, 5)
    """
    best = (1, 1)
    for rows in range(1, MAX_HASHES):
        bands = math.ceil(math.log(MAX_MISS_PROBABILITY) / math.log1p(-(min_similarity**rows)))
        if rows * bands <= MAX_HASHES:
            best = (bands, rows)
    return best


@frozen(eq=False)
class ShingleSets:
    """The sets of word pairs of some rows of a column, each pair as 32 bits of its hash, ascending: of two texts of a
    hundred words, one pair in three hundred thousand is mistaken.

    `rows` are ascending; the set of `rows[i]` is `held[ends[i] : ends[i + 1]]`.
    """

    rows: Ints
    hashes: NDArray[np.uint32]
    ends: Ints

    @staticmethod
    def from_texts(texts: pl.Series, rows: Ints) -> ShingleSets:
        """The sets of these rows."""
        parts = list(map_chunks(texts.gather(rows.astype(np.uint32)), _shingle_sets, chunk=CHUNK_ROWS))
        sizes = np.concatenate([size for _, size in parts])
        return ShingleSets(rows, np.concatenate([own for own, _ in parts]), np.concatenate(([0], np.cumsum(sizes))))

    def similarity(self, one: Ints, other: Ints) -> NDArray[np.float64]:
        """The Jaccard similarity of each pair of rows `(pairs,)`."""
        pairs = pl.Series(np.arange(len(one)))
        work = partial(self._similarity, np.searchsorted(self.rows, one), np.searchsorted(self.rows, other))
        return np.concatenate(list(map_chunks(pairs, work, chunk=CHUNK_PAIRS)))

    def _similarity(self, one: Ints, other: Ints, pairs: pl.Series) -> NDArray[np.float64]:
        at = pairs.to_numpy()
        one, other = one[at], other[at]
        first, _ = self._prefixed_hashes(one)
        second, pair = self._prefixed_hashes(other)
        if not len(pair):
            return np.zeros(len(at))
        place = np.minimum(np.searchsorted(first, second), len(first) - 1)
        shared = np.bincount(pair[first[place] == second], minlength=len(at))
        sizes = np.diff(self.ends)
        return np.asarray(shared / (sizes[one] + sizes[other] - shared))

    def _prefixed_hashes(self, sets: Ints) -> tuple[Words, Ints]:
        """These sets one after another, each value below the number of its place; and the places."""
        lengths = np.diff(self.ends)[sets]
        place = np.repeat(np.arange(len(sets)), lengths)
        shift = self.ends[sets] - (np.cumsum(lengths) - lengths)
        values = self.hashes[np.arange(len(place)) + np.repeat(shift, lengths)]
        return (place.astype(np.uint64) << HASH_BITS) | values, place


def _shingle_sets(texts: pl.Series) -> tuple[NDArray[np.uint32], Ints]:
    """Each text's set of word pairs, and their sizes."""
    values, starts = _hash_word_pairs(texts)
    lengths = np.diff(np.append(starts, len(values)))
    rows = np.repeat(np.arange(len(starts), dtype=np.uint64), lengths)
    keys = np.unique((rows << HASH_BITS) | (values >> HASH_BITS))
    return keys.astype(np.uint32), np.bincount((keys >> HASH_BITS).astype(np.int64), minlength=len(starts))


def _hash_word_pairs(texts: pl.Series) -> tuple[Words, Ints]:
    """The hashes of the word pairs of all texts, one text after another, and where each text's begin."""
    words = texts.str.split(" ")
    counts = words.list.len().to_numpy().astype(np.int64)
    hashes = words.explode(empty_as_null=False).hash().to_numpy()
    last = np.cumsum(counts) - 1
    following = np.roll(hashes, -1)
    following[last] = 0  # none: the pair goes again, unless the text is of one word
    values = hashes * MIX_FACTORS[0] + (following ^ (following >> np.uint64(29))) * MIX_FACTORS[1]
    values = (values ^ (values >> np.uint64(32))) * MIX_FACTORS[2]
    values ^= values >> np.uint64(29)
    kept = np.ones(len(values), dtype=np.bool_)
    kept[last[counts > 1]] = False
    lengths = np.maximum(counts - 1, 1)
    return values[kept], np.cumsum(lengths) - lengths


def _band_keys(texts: pl.Series, min_similarity: float, seed: int) -> Words:
    """For each text a number for each band `(rows, bands)`, equal where all its least ones are."""
    bands, rows = choose_bands(min_similarity)
    random = np.random.default_rng(derive_seed(seed, "alike"))
    factors = random.integers(0, 2**63, (bands, rows), dtype=np.uint64) * np.uint64(2) + np.uint64(1)

    def keys(piece: pl.Series) -> Words:
        made = np.zeros((len(piece), bands), dtype=np.uint64)
        if len(piece):
            values, starts = _hash_word_pairs(piece)
            for band in range(bands):
                for factor in factors[band]:  # times an odd number: another order of all 2**64
                    made[:, band] = made[:, band] * MIX_FACTORS[0] + np.minimum.reduceat(values * factor, starts)
        return made ^ (made >> np.uint64(31))

    return np.concatenate(list(map_chunks(texts, keys, chunk=CHUNK_ROWS)))


def _candidates(keys: Words) -> tuple[Ints, list[int]]:
    """Pairs of rows that share a key, each as lower · rows + higher, band after band, none twice; and where each band's
    pairs begin."""
    found = [_band_candidates(keys[:, band]) for band in range(keys.shape[1])]
    begins = np.cumsum([0, *map(len, found)])
    pairs, first = np.unique(np.concatenate(found), return_index=True)
    order = np.argsort(first)
    return pairs[order], np.searchsorted(first[order], begins).tolist()


def _band_candidates(keys: Words) -> Ints:
    """Pairs of rows with the same key: each with the first of its bucket, and with a few before it.

    So a bucket of any size gives few pairs for each row; a group is found by the links of its rows.
    """
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    begins = np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1]))) if len(keys) else np.empty(0, int)
    first = np.repeat(begins, np.diff(np.append(begins, len(keys))))
    place = np.flatnonzero(np.arange(len(keys)) != first)
    first = first[place]
    before = [first, *(np.maximum(place - step, first) for step in range(1, NEIGHBORS_PER_ROW + 1))]
    return np.unique(np.concatenate([order[one] * len(keys) + order[place] for one in before]))


def _merge_groups(root: Ints, one: Ints, other: Ints) -> Ints:
    """The groups with these pairs put together; a group's name is its first row."""
    while True:
        a, b = root[one], root[other]
        apart = a != b
        if not apart.any():
            return root
        one, other, a, b = one[apart], other[apart], a[apart], b[apart]
        np.minimum.at(root, np.maximum(a, b), np.minimum(a, b))
        while not np.array_equal(root, root[root]):
            root = root[root]
