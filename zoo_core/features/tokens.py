"""Texts cut into tokens: dictionary-coded columns that vectorizers learn from and encode."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl
from attrs import field, frozen
from numpy.typing import NDArray

from zoo_core.parallel import CHUNK, map_chunks

PIECE = 1 << 14  # rows
Codes = NDArray[np.uint16] | NDArray[np.int32]


@frozen(eq=False)
class Tokens:
    """The tokens of each text, in order: token `i` of text `r` is `words[codes[offsets[r] + i]]`.

    `codes` is int32 `(tokens,)`, `offsets` int64 `(rows + 1,)`, `words` a column of different strings, sorted. The
    codes mean nothing beyond this object. They may be given as uint16, where the words are few, and are int32 when
    asked for: of many texts, ask a slice.
    """

    held: Codes = field(alias="codes")
    offsets: NDArray[np.int64]
    words: pl.Series

    @property
    def codes(self) -> NDArray[np.int32]:
        """The position of each token in `words`, int32 `(tokens,)`."""
        return self.held.astype(np.int32, copy=False)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def take(self, rows: NDArray[np.int64]) -> Tokens:
        """These rows, in this order, and no word that none of them holds."""
        lengths = self.offsets[rows + 1] - self.offsets[rows]
        offsets = np.concatenate(([0], np.cumsum(lengths)))
        codes = np.empty(offsets[-1], dtype=self.held.dtype)
        for start in range(0, len(rows), PIECE):  # the index of every token at once would take twice their memory
            stop = min(start + PIECE, len(rows))
            first, last = offsets[start], offsets[stop]
            codes[first:last] = self._codes(rows[start:stop])
        return drop_unused(codes, offsets, self.words)

    def _codes(self, rows: NDArray[np.int64]) -> Codes:
        lengths = self.offsets[rows + 1] - self.offsets[rows]
        ends = np.cumsum(lengths)
        shift = np.repeat(self.offsets[rows] - ends + lengths, lengths)
        shift += np.arange(len(shift))
        return self.held.take(shift)

    def partition(self, rows: Mapping[str, NDArray[np.int64]]) -> dict[str, Tokens]:
        """What `take` gives of each of several selections of ascending rows, by name.

        These tokens are spent on it: piece by piece, from the last rows on, they are let go once they are dealt.
        """
        offsets = {name: np.append(0, np.cumsum(np.diff(self.offsets)[at])) for name, at in rows.items()}
        # of what is not written yet no memory is taken
        codes = {name: np.empty(ends[-1], dtype=self.held.dtype) for name, ends in offsets.items()}
        for start in range((len(self) - 1) // PIECE * PIECE, -1, -PIECE):
            for name, at in rows.items():
                first, last = np.searchsorted(at, (start, start + PIECE))
                codes[name][offsets[name][first] : offsets[name][last]] = self._codes(at[first:last])
            self.held.resize(self.offsets[start], refcheck=False)
        return {name: drop_unused(own, offsets[name], self.words) for name, own in codes.items()}

    def slice(self, start: int, stop: int) -> Tokens:
        """Consecutive rows, without copying their tokens."""
        offsets = self.offsets[start : stop + 1]
        return Tokens(self.held[offsets[0] : offsets[-1]], offsets - offsets[0], self.words)

    def rows(self) -> NDArray[np.int64]:
        """The row of each token `(tokens,)`."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    def counts(self) -> NDArray[np.int64]:
        """How often each word stands in all texts `(words,)`, counted piece by piece."""
        found = np.zeros(len(self.words), dtype=np.int64)
        for at in range(0, len(self.held), PIECE * 16):
            found += np.bincount(self.held[at : at + PIECE * 16], minlength=len(found))
        return found

    def of(self, row: int) -> list[str]:
        """The tokens of one text."""
        codes = self.held[self.offsets[row] : self.offsets[row + 1]]
        return self.words.gather(codes.astype(np.uint32)).to_list()


def tokenize_column(
    texts: pl.Series | Iterable[pl.Series], cut: Callable[[pl.Series], pl.Series], *, chunk: int = CHUNK
) -> Tokens:
    """The tokens of texts, cut by a native function from a column of strings to a column of lists of strings.

    Piece by piece on all cores, so that what `cut` makes of the whole never stands in memory; of several columns each
    is let go once it is cut. Empty tokens, and nulls, are left out.

    >>> tokens = tokenized(pl.Series(["good  food", "", "food"]), lambda texts: texts.str.split(" "))
    >>> [tokens.of(row) for row in range(3)]
    [['good', 'food'], [], ['food']]
    """
    dtype = pl.Categorical(pl.Categories.random())
    alive = pl.Series([], dtype=dtype)  # the categories live as long as a column of them

    def work(piece: pl.Series) -> tuple[Codes, NDArray[np.int64]]:
        lists = cut(piece)
        lengths = lists.list.len().to_numpy().astype(np.int64)
        flat = lists.explode(empty_as_null=False) if len(lists) else pl.Series([], dtype=pl.String)
        full = (flat != "").fill_null(False)
        if not full.all():
            kept = np.concatenate(([0], np.cumsum(full.to_numpy())))
            ends = np.cumsum(lengths)
            lengths = kept[ends] - kept[ends - lengths]
            flat = flat.filter(full)
        own = flat.cast(dtype).to_physical().to_numpy()
        codes: Codes = own.astype(np.uint16) if own.max(initial=0) < 1 << 16 else own.astype(np.int32)
        return codes, lengths

    codes: Codes = np.empty(0, dtype=np.uint16)  # half the memory, until a word more asks for int32
    lengths = [np.zeros(0, dtype=np.int64)]
    for own, counts in map_chunks(texts, work, chunk=chunk):
        codes = append_in_place(codes.astype(np.result_type(codes, own), copy=False), own)
        lengths.append(counts)
    offsets = np.concatenate(([0], np.cumsum(np.concatenate(lengths))))
    used = used_codes(codes).astype(np.uint32)  # threads leave gaps in the categories' numbers
    words = pl.select(pl.Series(used).cat.to(alive.dtype)).to_series().cast(pl.String)
    order = words.arg_sort()  # their numbers depend on the threads, their order must not
    number = np.zeros(int(used[-1]) + 1 if used.size else 0, dtype=np.int32)
    number[used[order.to_numpy()]] = np.arange(used.size, dtype=np.int32)
    return Tokens(remap(codes, number), offsets, words.gather(order))


def drop_unused(codes: Codes, offsets: NDArray[np.int64], words: pl.Series) -> Tokens:
    """Tokens without the words that no code names. `codes` is changed in place."""
    used = used_codes(codes)
    number = np.zeros(len(words), dtype=np.int32)
    number[used] = np.arange(used.size, dtype=np.int32)
    return Tokens(remap(codes, number), offsets, words.gather(used.astype(np.uint32)))


def append_in_place(whole: NDArray[Any], more: NDArray[Any]) -> NDArray[Any]:
    """An array with another at its end, made larger where it stands: no second one of its size, as a rule.

    `whole` must own its memory, and nothing else may look at it.
    """
    end = len(whole)
    whole.resize(end + len(more), refcheck=False)
    whole[end:] = more
    return whole


def used_codes(codes: Codes) -> NDArray[np.int64]:
    """The different codes, ascending, found piece by piece: to count them all at once takes twice their memory."""
    seen = np.zeros(int(codes.max()) + 1 if len(codes) else 0, dtype=np.bool_)
    for at in range(0, len(codes), PIECE * 16):
        seen[codes[at : at + PIECE * 16]] = True
    return np.flatnonzero(seen)


def remap(codes: Codes, number: NDArray[np.int32]) -> Codes:
    """Each code's number in its place, piece by piece: no second array of that size is made."""
    for at in range(0, len(codes), PIECE * 16):
        codes[at : at + PIECE * 16] = number[codes[at : at + PIECE * 16]]
    return codes
