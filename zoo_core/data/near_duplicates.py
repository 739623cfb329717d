"""Near-duplicate texts: found by MinHash with banding, each pair verified by its Jaccard similarity.

The similarity of two texts is the Jaccard similarity |A ∩ B| / |A ∪ B| of their sets of word pairs (of a text of one
word, the word). MinHash: under a random order of all word pairs, the least one of A equals the least one of B with just
that probability; bands of several such minima find candidates without comparing all pairs of texts.

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
Hashes = NDArray[np.uint64]
CHUNK_ROWS = 1024  # hashed at once, so that their word pairs stay in the processor's cache
CHUNK_PAIRS = 1 << 12  # candidates verified at once
MAX_HASHES = 64  # minima of a text
MAX_MISS_PROBABILITY = 0.01  # of a pair whose similarity is just the one asked for
NEIGHBORS_PER_ROW = 3  # earlier rows of its bucket that a row is compared with, besides the first one
HASH_BITS = np.uint64(32)  # kept of a hash; the number of the set is in the bits above them
MIX_FACTORS = tuple(np.uint64(factor) for factor in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xFF51AFD7ED558CCD))


def find_near_duplicates(texts: pl.Series, min_similarity: float, *, seed: int = 0) -> tuple[Ints, Ints]:
    """Group texts that are linked by pairs of at least this similarity.

    Gives for each text the first row of its group `(rows,)`, and an earlier row that is similar to the text itself, or
    -1 (it may be linked by later rows only).

    `texts` are normalized: words with one space between them, not empty, as a rule distinct. `min_similarity` is at
    least 0.5 and below 1. A pair of just that similarity is missed once in a hundred times, a more similar one rarely.
    """
    keys = _band_keys(texts, min_similarity, seed)
    pairs, starts = _candidates(keys)
    height = max(len(texts), 1)
    sets = ShingleSets.from_texts(texts, np.unique(np.concatenate(np.divmod(pairs, height))))
    root, match = np.arange(len(texts)), np.full(len(texts), -1)
    for start, stop in pairwise(starts):
        first, second = np.divmod(pairs[start:stop], height)
        unlinked = root[first] != root[second]  # rows of one group need not be compared
        first, second = first[unlinked], second[unlinked]
        similar = sets.similarity(first, second) >= min_similarity
        match[second[similar]] = first[similar]
        root = _merge_groups(root, first[similar], second[similar])
    return root, match


def choose_bands(min_similarity: float) -> tuple[int, int]:
    """The number of bands and of minima in each: as selective as `MAX_HASHES` allow for this similarity.

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
    """The sets of word pairs of some rows of a column, each pair as 32 bits of its hash, in ascending order.

    `rows` are ascending; the set of `rows[i]` is `hashes[ends[i] : ends[i + 1]]`. Of two texts of a hundred words, one
    word pair in three hundred thousand collides.
    """

    rows: Ints
    hashes: NDArray[np.uint32]
    ends: Ints

    @staticmethod
    def from_texts(texts: pl.Series, rows: Ints) -> ShingleSets:
        """The sets of these rows."""
        chunks = list(map_chunks(texts.gather(rows.astype(np.uint32)), _shingle_sets, chunk=CHUNK_ROWS))
        sizes = np.concatenate([chunk_sizes for _, chunk_sizes in chunks])
        hashes = np.concatenate([chunk_hashes for chunk_hashes, _ in chunks])
        return ShingleSets(rows, hashes, np.concatenate(([0], np.cumsum(sizes))))

    def similarity(self, first: Ints, second: Ints) -> NDArray[np.float64]:
        """The Jaccard similarity of each pair of rows `(pairs,)`."""
        pairs = pl.Series(np.arange(len(first)))
        work = partial(self._similarity, np.searchsorted(self.rows, first), np.searchsorted(self.rows, second))
        return np.concatenate(list(map_chunks(pairs, work, chunk=CHUNK_PAIRS)))

    def _similarity(self, first: Ints, second: Ints, pairs: pl.Series) -> NDArray[np.float64]:
        numbers = pairs.to_numpy()
        first, second = first[numbers], second[numbers]
        first_hashes, _ = self._prefixed_hashes(first)
        second_hashes, pair = self._prefixed_hashes(second)
        if not len(pair):
            return np.zeros(len(numbers))
        at = np.minimum(np.searchsorted(first_hashes, second_hashes), len(first_hashes) - 1)
        shared = np.bincount(pair[first_hashes[at] == second_hashes], minlength=len(numbers))
        sizes = np.diff(self.ends)
        return np.asarray(shared / (sizes[first] + sizes[second] - shared))

    def _prefixed_hashes(self, sets: Ints) -> tuple[Hashes, Ints]:
        """These sets one after another, each hash with the position of its set in the upper bits; and the positions."""
        lengths = np.diff(self.ends)[sets]
        position = np.repeat(np.arange(len(sets)), lengths)
        shift = self.ends[sets] - (np.cumsum(lengths) - lengths)
        hashes = self.hashes[np.arange(len(position)) + np.repeat(shift, lengths)]
        return (position.astype(np.uint64) << HASH_BITS) | hashes, position


def _shingle_sets(texts: pl.Series) -> tuple[NDArray[np.uint32], Ints]:
    """The set of word pairs of each text, one after another, and their sizes."""
    values, starts = _hash_word_pairs(texts)
    lengths = np.diff(np.append(starts, len(values)))
    rows = np.repeat(np.arange(len(starts), dtype=np.uint64), lengths)
    keys = np.unique((rows << HASH_BITS) | (values >> HASH_BITS))
    return keys.astype(np.uint32), np.bincount((keys >> HASH_BITS).astype(np.int64), minlength=len(starts))


def _hash_word_pairs(texts: pl.Series) -> tuple[Hashes, Ints]:
    """The hashes of the word pairs of all texts, one text after another, and where those of each text start."""
    words = texts.str.split(" ")
    counts = words.list.len().to_numpy().astype(np.int64)
    hashes = words.explode(empty_as_null=False).hash().to_numpy()
    last = np.cumsum(counts) - 1
    following = np.roll(hashes, -1)
    following[last] = 0  # the last word has no pair, which is removed below unless it is the only word
    values = hashes * MIX_FACTORS[0] + (following ^ (following >> np.uint64(29))) * MIX_FACTORS[1]
    values = (values ^ (values >> np.uint64(32))) * MIX_FACTORS[2]
    values ^= values >> np.uint64(29)
    is_pair = np.ones(len(values), dtype=np.bool_)
    is_pair[last[counts > 1]] = False
    lengths = np.maximum(counts - 1, 1)
    return values[is_pair], np.cumsum(lengths) - lengths


def _band_keys(texts: pl.Series, min_similarity: float, seed: int) -> Hashes:
    """A key for each text and band `(rows, bands)`; two keys are equal if all minima of the band are."""
    bands, rows = choose_bands(min_similarity)
    random = np.random.default_rng(derive_seed(seed, "alike"))
    factors = random.integers(0, 2**63, (bands, rows), dtype=np.uint64) * np.uint64(2) + np.uint64(1)

    def chunk_keys(chunk: pl.Series) -> Hashes:
        keys = np.zeros((len(chunk), bands), dtype=np.uint64)
        if len(chunk):
            values, starts = _hash_word_pairs(chunk)
            for band in range(bands):
                for factor in factors[band]:  # multiplying by an odd number permutes all 2**64 values
                    keys[:, band] = keys[:, band] * MIX_FACTORS[0] + np.minimum.reduceat(values * factor, starts)
        return keys ^ (keys >> np.uint64(31))

    return np.concatenate(list(map_chunks(texts, chunk_keys, chunk=CHUNK_ROWS)))


def _candidates(keys: Hashes) -> tuple[Ints, list[int]]:
    """Distinct pairs of rows that share a key, each as lower · rows + higher, by band; and where each band starts."""
    band_pairs = [_band_candidates(keys[:, band]) for band in range(keys.shape[1])]
    starts = np.cumsum([0, *map(len, band_pairs)])
    pairs, first = np.unique(np.concatenate(band_pairs), return_index=True)
    order = np.argsort(first)
    return pairs[order], np.searchsorted(first[order], starts).tolist()


def _band_candidates(keys: Hashes) -> Ints:
    """Pairs of rows with the same key: each row with the first of its bucket, and with a few before it.

    So the number of pairs is linear in the rows, whatever the size of a bucket; links between rows make the group.
    """
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    starts = np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1]))) if len(keys) else np.empty(0, int)
    first = np.repeat(starts, np.diff(np.append(starts, len(keys))))
    later = np.flatnonzero(np.arange(len(keys)) != first)
    first = first[later]
    partners = [first, *(np.maximum(later - step, first) for step in range(1, NEIGHBORS_PER_ROW + 1))]
    return np.unique(np.concatenate([order[partner] * len(keys) + order[later] for partner in partners]))


def _merge_groups(root: Ints, first: Ints, second: Ints) -> Ints:
    """The groups after linking these pairs; a group is named by its first row."""
    while True:
        a, b = root[first], root[second]
        unlinked = a != b
        if not unlinked.any():
            return root
        first, second, a, b = first[unlinked], second[unlinked], a[unlinked], b[unlinked]
        np.minimum.at(root, np.maximum(a, b), np.minimum(a, b))
        while not np.array_equal(root, root[root]):
            root = root[root]
