"""N-grams of tokens as numbers: which are known, where they stand in a text, and in how many texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from attrs import field, frozen
from numpy.typing import NDArray

from zoo_core.features.counting import Ints, map_row_ranges, pack_keys, unique_counts
from zoo_core.features.tokens import Tokens
from zoo_ngrams.hash_index import Index


@frozen(eq=False)
class Grams:
    """The n-grams that are known, of orders 1, 2, 3 … in turn.

    Order 1 are `words`, numbered by position. An n-gram of a higher order is the number of its first n - 1 tokens
    and its last token: `keys[order - 2]`, ascending int64, holds `number · len(words) + last`; its own number is its
    position there.
    """

    words: pl.Series
    keys: tuple[Ints, ...] = ()
    _indices: tuple[Index, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_indices", tuple(map(Index.of, self.keys)))

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many n-grams of each order are known."""
        return (len(self.words), *map(len, self.keys))

    def numbers(self, words: pl.Series) -> Ints:
        """The number of each of these words, -1 for one that is not known."""
        found = words.cast(pl.Enum(self.words), strict=False).to_physical().cast(pl.Int64)
        return found.fill_null(-1).to_numpy()

    def walk(self, words: Ints, follows: NDArray[np.bool_]) -> Iterator[tuple[Ints, Ints]]:
        """For each order: the positions where a known n-gram begins, and its number. Takes what `aligned` gives."""
        at = np.flatnonzero(words >= 0)
        found = words.take(at)
        yield at, found
        for order, index in enumerate(self._indices, start=2):
            at, keys = self.longer(words, follows, at, found, order)
            found = index.positions(keys)
            known = found >= 0
            at, found = at.compress(known), found.compress(known)
            yield at, found

    def longer(self, words: Ints, follows: NDArray[np.bool_], at: Ints, found: Ints, order: int) -> tuple[Ints, Ints]:
        """The n-grams at `at`, one token shorter than `order`, made longer: positions, and keys known or not."""
        last = at + (order - 1)
        whole = follows.take(last - 1)
        at, found, last = (one.compress(whole) for one in (at, found, last))
        return at, found * len(self.words) + words.take(last)

    def pruned(self, kept: list[NDArray[np.bool_]]) -> tuple[Grams, list[Ints]]:
        """Only the n-grams marked, an array for each order, and those they are made of; and the old number of each."""
        width = len(self.words)
        needed = [marks.copy() for marks in kept]
        for order in range(len(self.keys), 0, -1):
            first, last = np.divmod(self.keys[order - 1][needed[order]], width)
            needed[order - 1][first] = True
            needed[0][last] = True
        old = [np.flatnonzero(marks) for marks in needed]
        new = [np.cumsum(marks) - 1 for marks in needed]
        keys = []
        for order in range(1, len(needed)):
            first, last = np.divmod(self.keys[order - 1][old[order]], width)
            keys.append(new[order - 1][first] * len(old[0]) + new[0][last])
        return Grams(self.words.gather(old[0].astype(np.uint32)), tuple(keys)), old

    def names(self, joined: str) -> list[list[str]]:
        """The n-grams of each order as text, their tokens joined by this."""
        words = self.words.to_list()
        found = [words]
        for keys in self.keys:
            first, last = np.divmod(keys, len(words))
            before = found[-1]
            found.append([f"{before[i]}{joined}{words[j]}" for i, j in zip(first, last, strict=True)])
        return found


def aligned(tokens: Tokens, numbers: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """The word number of each token, -1 for one that is not known; and whether a known one follows it in its text.

    `numbers` is the word number of each of `tokens.words`. Columns are picked by `take` and `compress`: with brackets
    numpy takes several times as long.
    """
    words = numbers.take(tokens.raw_codes)
    follows = np.zeros(len(words), dtype=np.bool_)
    np.greater_equal(words[1:], 0, out=follows[:-1])
    ends = tokens.offsets[1:]
    follows[ends[ends > 0] - 1] = False
    return words, follows


def learned(tokens: Tokens, *, longest: int, rarest: int) -> tuple[Grams, list[Ints]]:
    """The n-grams up to an order that stand in at least `rarest` texts, and in how many each stands.

    Words are numbered by falling frequency, equal ones in alphabetical order. An n-gram can be frequent only if
    what it is made of is, so that each order is counted among the n-grams of the one before alone.
    """
    frequency = _word_frequency(tokens)
    table = pl.DataFrame({"word": tokens.words, "texts": frequency}).filter(pl.col("texts") >= max(rarest, 1))
    table = table.sort(["texts", "word"], descending=[True, False])
    grams, texts = Grams(table["word"]), [table["texts"].to_numpy()]
    numbers = grams.numbers(tokens.words)
    for order in range(2, longest + 1):
        keys, counts = _frequency(tokens, grams, numbers, order)
        kept = counts >= rarest
        grams = Grams(grams.words, (*grams.keys, keys[kept]))
        texts.append(counts[kept])
    return grams, texts


def _word_frequency(tokens: Tokens) -> Ints:
    width = max(len(tokens.words), 1)

    def codes_of(start: int, stop: int) -> tuple[Ints, Ints]:
        piece = tokens.slice(start, stop)
        return distinct(piece.row_ids(), piece.raw_codes, num_rows=len(piece), width=width)

    codes, texts = merged(map_row_ranges(len(tokens), codes_of))
    frequency = np.zeros(len(tokens.words), dtype=np.int64)
    frequency[codes] = texts
    return frequency


def _frequency(tokens: Tokens, grams: Grams, numbers: Ints, order: int) -> tuple[Ints, Ints]:
    """Every n-gram of an order whose first and last tokens are known, and in how many texts it stands."""
    width = max(grams.sizes[-1] * len(grams.words), 1)

    def keys_of(start: int, stop: int) -> tuple[Ints, Ints]:
        piece = tokens.slice(start, stop)
        words, follows = aligned(piece, numbers)
        *_, (at, found) = grams.walk(words, follows)
        at, keys = grams.longer(words, follows, at, found, order)
        return distinct(piece.row_ids().take(at), keys, num_rows=len(piece), width=width)

    return merged(map_row_ranges(len(tokens), keys_of))


def distinct(rows: NDArray[Any], ids: NDArray[Any], *, num_rows: int, width: int) -> tuple[Ints, Ints]:
    """The different ids below `width`, ascending, and in how many rows each stands."""
    once, _ = unique_counts(pack_keys(rows, ids, num_rows=num_rows, width=width))
    return unique_counts(once & ((1 << width.bit_length()) - 1))


def merged(parts: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    """Keys and counts of several parts as one: keys ascending, counts of equal keys added."""
    keys = np.concatenate([part[0] for part in parts])
    counts = np.concatenate([part[1] for part in parts])
    order = np.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else np.zeros(0, int)
    return keys[starts], np.add.reduceat(counts, starts) if len(keys) else counts
