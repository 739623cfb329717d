"""The texts that are most similar to some texts: by the cosine of their words, or of their character trigrams.

Each word weighs log(texts / texts that have it), so that rare words count most. Only the words of the texts that are
asked for are looked up, at most `MAX_FEATURES` of each, the rarest ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from attrs import frozen
from numpy.typing import NDArray

from zoo_core.features.tokens import Tokens

Ints = NDArray[np.int64]
MIN_WORDS = 6  # of a text on average; shorter texts are compared by character trigrams
MAX_FEATURES = 40  # of a text that are looked up
CHUNK_ROWS = 1 << 14
TINY = 1e-12


@frozen(eq=False)
class CodedTexts:
    """The features of each text: `codes[offsets[row] : offsets[row + 1]]`, each below `size`."""

    codes: Ints
    offsets: Ints
    size: int

    @staticmethod
    def of(tokens: Tokens, normalized: pl.Series) -> CodedTexts:
        """The words of texts; of short texts, or texts without spaces, their character trigrams."""
        if len(tokens.raw_codes) >= MIN_WORDS * len(tokens):
            return CodedTexts(tokens.raw_codes, tokens.offsets, len(tokens.words))  # type: ignore[arg-type]
        padded = " " + normalized + " "
        lengths = padded.str.len_chars().to_numpy().astype(np.int64)
        points = np.frombuffer("".join(padded.to_list()).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        points = points.astype(np.int64)
        grams = points[:-2] << 42 ^ points[1:-1] << 21 ^ points[2:]
        ends = np.cumsum(lengths)
        inside = np.ones(len(points), dtype=np.bool_)
        inside[ends - 1] = inside[ends - 2] = False  # where a trigram would reach into the next text
        values, codes = np.unique(grams[inside[:-2]], return_inverse=True)
        return CodedTexts(codes, np.concatenate(([0], np.cumsum(lengths - 2))), len(values))


@frozen(eq=False)
class DistinctFeatures:
    """Each feature of a text once: `codes[offsets[row] : offsets[row + 1]]`, and in how many texts each is."""

    codes: NDArray[np.int32]
    offsets: Ints
    frequency: Ints

    @staticmethod
    def of(texts: CodedTexts) -> DistinctFeatures:
        """Made in chunks of rows, since the features of all texts may take much memory."""
        rows = len(texts.offsets) - 1
        chunks, counts = [np.empty(0, dtype=np.int32)], [np.zeros(1, dtype=np.int64)]
        for start in range(0, rows, CHUNK_ROWS):
            offsets = texts.offsets[start : start + CHUNK_ROWS + 1]
            row = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
            keys = np.unique(row * texts.size + texts.codes[offsets[0] : offsets[-1]])
            row, codes = np.divmod(keys, max(texts.size, 1))
            chunks.append(codes.astype(np.int32))
            counts.append(np.bincount(row, minlength=len(offsets) - 1))
        codes = np.concatenate(chunks)
        return DistinctFeatures(codes, np.cumsum(np.concatenate(counts)), np.bincount(codes, minlength=texts.size))

    def row(self, row: int) -> NDArray[np.int32]:
        """The features of a text."""
        return self.codes[self.offsets[row] : self.offsets[row + 1]]


def nearest_texts(
    texts: CodedTexts, asked: Sequence[int], count: int, keys: NDArray[np.uint64]
) -> Iterator[list[tuple[int, float]]]:
    """The rows most similar to each row asked for, at most `count`, each with its similarity in (0, 1].

    Rows with the same key `(rows,)` are copies, which are left out.
    """
    features = DistinctFeatures.of(texts)
    rows = len(features.offsets) - 1
    weight = np.log((rows + 1) / np.maximum(features.frequency, 1)) ** 2
    sums = np.concatenate(([0.0], np.cumsum(weight[features.codes])))
    norm = np.sqrt(np.maximum(np.diff(sums[features.offsets]), TINY))
    rarest = [
        found[np.argsort(features.frequency[found], kind="stable")][:MAX_FEATURES] for found in map(features.row, asked)
    ]
    posted, starts = _post(features, rarest)
    for row, found in zip(asked, rarest, strict=True):
        shared = np.zeros(rows)
        for feature in found:
            shared[posted[starts[feature] : starts[feature + 1]]] += weight[feature]
        shared[keys == keys[row]] = 0
        similarity = shared / (norm * norm[row])
        least = max(float(np.partition(similarity, -min(count, rows))[-min(count, rows)]), TINY)
        best = np.flatnonzero(similarity >= least)
        best = best[np.argsort(-similarity[best], kind="stable")][:count]
        yield [(int(one), min(float(similarity[one]), 1.0)) for one in best]


def _post(features: DistinctFeatures, looked_up: Sequence[NDArray[np.int32]]) -> tuple[Ints, Ints]:
    """The rows that have each feature that is looked up: `posted[starts[feature] : starts[feature + 1]]`."""
    is_asked = np.zeros(len(features.frequency), dtype=np.bool_)
    for found in looked_up:
        is_asked[found] = True
    at = np.flatnonzero(is_asked[features.codes])
    at = at[np.argsort(features.codes[at], kind="stable")]
    posted = np.searchsorted(features.offsets, at, side="right") - 1
    return posted, np.concatenate(([0], np.cumsum(np.where(is_asked, features.frequency, 0))))
