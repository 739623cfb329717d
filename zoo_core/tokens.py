"""Texts cut into tokens: dictionary-coded columns that vectorizers learn from and encode."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from attrs import frozen
from numpy.typing import NDArray

from zoo_core.text import CHUNK, by_chunks


@frozen(eq=False)
class Tokens:
    """The tokens of each text, in order: token `i` of text `r` is `words[codes[offsets[r] + i]]`.

    `codes` is int32 `(tokens,)`, `offsets` int64 `(rows + 1,)`, `words` a column of different strings, sorted. The
    codes mean nothing beyond this object.
    """

    codes: NDArray[np.int32]
    offsets: NDArray[np.int64]
    words: pl.Series

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def take(self, rows: NDArray[np.int64]) -> Tokens:
        """These rows, in this order, and no word that none of them holds."""
        lengths = self.offsets[rows + 1] - self.offsets[rows]
        offsets = np.concatenate(([0], np.cumsum(lengths)))
        at = np.arange(offsets[-1]) + np.repeat(self.offsets[rows] - offsets[:-1], lengths)
        codes = self.codes[at]
        used = np.flatnonzero(np.bincount(codes, minlength=len(self.words)))
        number = np.zeros(len(self.words), dtype=np.int32)
        number[used] = np.arange(used.size, dtype=np.int32)
        return Tokens(number[codes], offsets, self.words.gather(used.astype(np.uint32)))

    def slice(self, start: int, stop: int) -> Tokens:
        """Consecutive rows, without copying their tokens."""
        offsets = self.offsets[start : stop + 1]
        return Tokens(self.codes[offsets[0] : offsets[-1]], offsets - offsets[0], self.words)

    def rows(self) -> NDArray[np.int64]:
        """The row of each token `(tokens,)`."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    def of(self, row: int) -> list[str]:
        """The tokens of one text."""
        codes = self.codes[self.offsets[row] : self.offsets[row + 1]]
        return self.words.gather(codes.astype(np.uint32)).to_list()


def tokenised(texts: pl.Series, cut: Callable[[pl.Series], pl.Series], *, chunk: int = CHUNK) -> Tokens:
    """The tokens of texts, cut by a native function from a column of strings to a column of lists of strings.

    Piece by piece on all cores, so that what `cut` makes of the whole never stands in memory. Empty tokens
    are left out.

    >>> tokens = tokenised(pl.Series(["good  food", "", "food"]), lambda texts: texts.str.split(" "))
    >>> [tokens.of(row) for row in range(3)]
    [['good', 'food'], [], ['food']]
    """
    categories = pl.Categories.random()
    dtype = pl.Categorical(categories)

    def work(piece: pl.Series) -> tuple[pl.Series, NDArray[np.int64]]:
        lists = cut(piece)
        lengths = lists.list.len().to_numpy().astype(np.int64)
        flat = lists.explode(empty_as_null=False) if len(lists) else pl.Series([], dtype=pl.String)
        return flat.cast(dtype), lengths

    parts = by_chunks(texts, work, chunk=chunk)  # held to the end: the categories live as long as a column
    codes = np.concatenate([column.to_physical().to_numpy() for column, _ in parts])
    lengths = np.concatenate([lengths for _, lengths in parts])
    used = np.flatnonzero(np.bincount(codes))  # threads leave gaps in the categories' numbers
    number = np.zeros(used[-1] + 1 if used.size else 0, dtype=np.int32)
    words = pl.select(pl.Series(used, dtype=pl.UInt32).cat.to(dtype)).to_series().cast(pl.String)
    order = words.arg_sort()
    number[used[order.to_numpy()]] = np.arange(used.size, dtype=np.int32)
    words = words.gather(order)
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    return _without_empty(Tokens(number[codes], offsets, words))


def _without_empty(tokens: Tokens) -> Tokens:
    empty = np.flatnonzero((tokens.words == "").to_numpy())
    if not empty.size:
        return tokens
    keep = tokens.codes != empty[0]
    kept = np.concatenate(([0], np.cumsum(keep)))
    return Tokens(tokens.codes[keep] - 1, kept[tokens.offsets], tokens.words.slice(1))  # "" is sorted first
