"""N-grams of tokens as numbers: the known ones, where they appear, and in how many texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from attrs import field, frozen
from numpy.typing import NDArray

from zoo_core.features.counting import Ints, map_row_ranges, pack_keys, unique_counts
from zoo_core.features.tokens import Tokens
from zoo_ngrams.hash_index import HashIndex

UNKNOWN_WORD = -1


@frozen(eq=False)
class Grams:
    """The known n-grams of orders 1, 2, 3 …

    Order 1 are `words`, numbered by position. An n-gram of a higher order consists of the number of its first n - 1
    tokens and its last token: `keys[order - 2]`, ascending int64, holds `number · len(words) + last`. The number of
    the n-gram is its position there.
    """

    words: pl.Series
    keys: tuple[Ints, ...] = ()
    _indices: tuple[HashIndex, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_indices", tuple(map(HashIndex.build, self.keys)))

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of known n-grams of each order."""
        return (len(self.words), *map(len, self.keys))

    def word_numbers(self, words: pl.Series) -> Ints:
        """Return the number of each word, UNKNOWN_WORD for an unknown word."""
        numbers = words.cast(pl.Enum(self.words), strict=False).to_physical().cast(pl.Int64)
        return numbers.fill_null(UNKNOWN_WORD).to_numpy()

    def walk(self, words: Ints, has_next: NDArray[np.bool_]) -> Iterator[tuple[Ints, Ints]]:
        """Yield, for each order, the positions where known n-grams start, and their numbers.

        The arguments are those that `align_tokens` returns.
        """
        positions = np.flatnonzero(words >= 0)
        numbers = words.take(positions)
        yield positions, numbers
        for order, index in enumerate(self._indices, start=2):
            positions, keys = self.extend(words, has_next, positions, numbers, order)
            numbers = index.positions(keys)
            is_known = numbers >= 0
            positions, numbers = positions.compress(is_known), numbers.compress(is_known)
            yield positions, numbers

    def extend(
        self, words: Ints, has_next: NDArray[np.bool_], positions: Ints, numbers: Ints, order: int
    ) -> tuple[Ints, Ints]:
        """Extend n-grams of order - 1 by one token; return positions and keys, which may be unknown."""
        last = positions + (order - 1)
        is_followed = has_next.take(last - 1)
        positions, numbers, last = (column.compress(is_followed) for column in (positions, numbers, last))
        return positions, numbers * len(self.words) + words.take(last)

    def prune(self, is_kept: list[NDArray[np.bool_]]) -> tuple[Grams, list[Ints]]:
        """Keep the marked n-grams of each order and those they consist of; return them and their old numbers."""
        width = len(self.words)
        is_needed = [marks.copy() for marks in is_kept]
        for order in range(len(self.keys), 0, -1):
            first, last = np.divmod(self.keys[order - 1][is_needed[order]], width)
            is_needed[order - 1][first] = True
            is_needed[0][last] = True
        old = [np.flatnonzero(marks) for marks in is_needed]
        new = [np.cumsum(marks) - 1 for marks in is_needed]
        keys = []
        for order in range(1, len(is_needed)):
            first, last = np.divmod(self.keys[order - 1][old[order]], width)
            keys.append(new[order - 1][first] * len(old[0]) + new[0][last])
        return Grams(self.words.gather(old[0].astype(np.uint32)), tuple(keys)), old

    def names(self, separator: str) -> list[list[str]]:
        """Return the n-grams of each order as text, their tokens joined by the separator."""
        words = self.words.to_list()
        names = [words]
        for keys in self.keys:
            first, last = np.divmod(keys, len(words))
            prefixes = names[-1]
            names.append([f"{prefixes[i]}{separator}{words[j]}" for i, j in zip(first, last, strict=True)])
        return names


def align_tokens(tokens: Tokens, numbers: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Return the word number of each token, and whether a known word follows it in its text.

    `numbers` are the numbers of `tokens.words`. Columns are selected with `take` and `compress`, which are several
    times faster in numpy than indexing with brackets.
    """
    words = numbers.take(tokens.raw_codes)
    has_next = np.zeros(len(words), dtype=np.bool_)
    np.greater_equal(words[1:], 0, out=has_next[:-1])
    ends = tokens.offsets[1:]
    has_next[ends[ends > 0] - 1] = False
    return words, has_next


def learn_grams(tokens: Tokens, *, longest: int, min_df: int) -> tuple[Grams, list[Ints]]:
    """Return the n-grams up to an order that appear in at least `min_df` texts, and their document frequencies.

    Words are numbered by falling frequency, then in alphabetical order. An n-gram can be frequent only if its parts
    are, so each order is counted among the n-grams of the previous order.
    """
    table = pl.DataFrame({"word": tokens.words, "texts": _word_frequency(tokens)})
    table = table.filter(pl.col("texts") >= max(min_df, 1)).sort(["texts", "word"], descending=[True, False])
    grams, frequencies = Grams(table["word"]), [table["texts"].to_numpy()]
    numbers = grams.word_numbers(tokens.words)
    for order in range(2, longest + 1):
        keys, counts = _gram_frequency(tokens, grams, numbers, order)
        is_frequent = counts >= min_df
        grams = Grams(grams.words, (*grams.keys, keys[is_frequent]))
        frequencies.append(counts[is_frequent])
    return grams, frequencies


def _word_frequency(tokens: Tokens) -> Ints:
    width = max(len(tokens.words), 1)

    def count_codes(start: int, stop: int) -> tuple[Ints, Ints]:
        chunk = tokens.slice(start, stop)
        return count_distinct(chunk.row_ids(), chunk.raw_codes, num_rows=len(chunk), width=width)

    codes, texts = merge_counts(map_row_ranges(len(tokens), count_codes))
    frequency = np.zeros(len(tokens.words), dtype=np.int64)
    frequency[codes] = texts
    return frequency


def _gram_frequency(tokens: Tokens, grams: Grams, numbers: Ints, order: int) -> tuple[Ints, Ints]:
    """Return the keys of an order whose prefix and last token are known, and their document frequencies."""
    width = max(grams.sizes[-1] * len(grams.words), 1)

    def count_keys(start: int, stop: int) -> tuple[Ints, Ints]:
        chunk = tokens.slice(start, stop)
        words, has_next = align_tokens(chunk, numbers)
        *_, (positions, prefixes) = grams.walk(words, has_next)
        positions, keys = grams.extend(words, has_next, positions, prefixes, order)
        return count_distinct(chunk.row_ids().take(positions), keys, num_rows=len(chunk), width=width)

    return merge_counts(map_row_ranges(len(tokens), count_keys))


def count_distinct(rows: NDArray[Any], ids: NDArray[Any], *, num_rows: int, width: int) -> tuple[Ints, Ints]:
    """Return the distinct ids below `width`, in ascending order, and in how many rows each appears."""
    distinct_pairs, _ = unique_counts(pack_keys(rows, ids, num_rows=num_rows, width=width))
    return unique_counts(distinct_pairs & ((1 << width.bit_length()) - 1))


def merge_counts(chunks: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    """Merge keys and counts of several chunks: keys ascending, counts of equal keys added."""
    keys = np.concatenate([chunk[0] for chunk in chunks])
    counts = np.concatenate([chunk[1] for chunk in chunks])
    order = np.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else np.zeros(0, int)
    return keys[starts], np.add.reduceat(counts, starts) if len(keys) else counts
