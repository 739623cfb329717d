"""Tokenized texts as dictionary-coded columns, which vectorizers learn from and encode."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl
from attrs import frozen
from numpy.typing import NDArray

from zoo_core.errors import ZooError
from zoo_core.parallel import CHUNK_ROWS, map_chunks

__all__ = ["Tokens", "tokenize_column"]
TAKE_ROWS = 1 << 14  # rows copied at a time
SCAN_CODES = 1 << 18  # codes read at a time
Codes = NDArray[np.uint16] | NDArray[np.int32]
Encoded = tuple[Codes, NDArray[np.int64]]  # the codes of a chunk, and the number of tokens of each of its texts


@frozen(eq=False)
class Tokens:
    """The tokens of each text, in order: token `i` of text `r` is `words[codes[offsets[r] + i]]`.

    `offsets` is int64 `(rows + 1,)`, `words` a column of distinct strings, sorted. Codes have no meaning outside this
    object. They are stored as uint16 if the vocabulary is small enough, else as int32 (`raw_codes`); `codes` converts
    all of them to int32, so slice a large column first.
    """

    _codes: Codes
    offsets: NDArray[np.int64]
    words: pl.Series

    @property
    def codes(self) -> NDArray[np.int32]:
        """The position of each token in `words`, int32 `(tokens,)`."""
        return self._codes.astype(np.int32, copy=False)

    @property
    def raw_codes(self) -> Codes:
        """The codes as they are stored, uint16 or int32 `(tokens,)`."""
        return self._codes

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def take(self, rows: NDArray[np.int64], *, chunk: int = TAKE_ROWS) -> Tokens:
        """Copy these rows, in this order, with only the words that appear in them."""
        lengths = self.offsets[rows + 1] - self.offsets[rows]
        offsets = np.concatenate(([0], np.cumsum(lengths)))
        codes = np.empty(offsets[-1], dtype=self._codes.dtype)
        for start in range(0, len(rows), chunk):  # an index of every token at once would take twice their memory
            stop = min(start + chunk, len(rows))
            codes[offsets[start] : offsets[stop]] = self._gather(rows[start:stop])
        return drop_unused(codes, offsets, self.words)

    def _gather(self, rows: NDArray[np.int64]) -> Codes:
        lengths = self.offsets[rows + 1] - self.offsets[rows]
        ends = np.cumsum(lengths)
        positions = np.repeat(self.offsets[rows] - ends + lengths, lengths)
        positions += np.arange(len(positions))
        return self._codes.take(positions)

    def partition(self, rows: Mapping[str, NDArray[np.int64]], *, chunk: int = TAKE_ROWS) -> dict[str, Tokens]:
        """Copy several selections of ascending rows, by name, and consume these tokens.

        Each chunk of rows is released as soon as it is copied, the last rows first: the peak memory is about that of
        one copy. Afterwards this object holds no codes and must not be used.
        """
        offsets = {name: np.append(0, np.cumsum(np.diff(self.offsets)[at])) for name, at in rows.items()}
        # np.empty takes no memory before it is written to
        codes = {name: np.empty(ends[-1], dtype=self._codes.dtype) for name, ends in offsets.items()}
        for start in range((len(self) - 1) // chunk * chunk, -1, -chunk):
            for name, at in rows.items():
                first, last = np.searchsorted(at, (start, start + chunk))
                codes[name][offsets[name][first] : offsets[name][last]] = self._gather(at[first:last])
            self._codes.resize(self.offsets[start], refcheck=False)
        return {name: drop_unused(selected, offsets[name], self.words) for name, selected in codes.items()}

    def replace_words(self, lists: pl.Series, *, chunk: int = TAKE_ROWS) -> Tokens:
        """Replace each word by its list of tokens, of a column `(words,)` of lists of strings, in the same order.

        Empty tokens and nulls are left out.

        >>> tokens = tokenize_column(pl.Series(["undo it", "it"]), lambda texts: texts.str.split(" "))
        >>> split = tokens.replace_words(pl.Series([["it"], ["un", "do"]]))
        >>> [split.row(row) for row in range(2)]
        [['un', 'do', 'it'], ['it']]
        """
        lists = lists.list.eval(pl.element().filter(pl.element() != ""))
        flat = lists.explode(empty_as_null=False) if len(lists) else pl.Series([], dtype=pl.String)
        words = flat.unique().sort()
        numbers = flat.cast(pl.Enum(words)).to_physical().to_numpy()
        lengths = lists.list.len().fill_null(0).to_numpy().astype(np.int64)
        starts = np.cumsum(lengths) - lengths
        dtype = np.uint16 if len(words) < 1 << 16 else np.int32
        parts, sizes = [np.zeros(0, dtype=dtype)], [np.zeros(1, dtype=np.int64)]
        for start in range(0, len(self), chunk):
            rows = self.slice(start, start + chunk)
            repeats = lengths[rows.raw_codes]
            ends = np.concatenate(([0], np.cumsum(repeats)))
            at = np.repeat(starts[rows.raw_codes] - ends[:-1], repeats) + np.arange(ends[-1])
            parts.append(numbers[at].astype(dtype))
            sizes.append(np.diff(ends[rows.offsets]))
        return Tokens(np.concatenate(parts), np.cumsum(np.concatenate(sizes)), words)

    def slice(self, start: int, stop: int) -> Tokens:
        """Consecutive rows, without copying their codes."""
        offsets = self.offsets[start : stop + 1]
        return Tokens(self._codes[offsets[0] : offsets[-1]], offsets - offsets[0], self.words)

    def row_ids(self) -> NDArray[np.int64]:
        """The row of each token `(tokens,)`."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    def counts(self, *, chunk: int = SCAN_CODES) -> NDArray[np.int64]:
        """How often each word appears in all texts `(words,)`."""
        counts = np.zeros(len(self.words), dtype=np.int64)
        for start in range(0, len(self._codes), chunk):
            counts += np.bincount(self._codes[start : start + chunk], minlength=len(counts))
        return counts

    def row(self, row: int) -> list[str]:
        """The tokens of one text."""
        codes = self._codes[self.offsets[row] : self.offsets[row + 1]]
        return self.words.gather(codes.astype(np.uint32)).to_list()


def tokenize_column(
    texts: pl.Series | Iterable[pl.Series], tokenize: Callable[[pl.Series], pl.Series], *, chunk: int = CHUNK_ROWS
) -> Tokens:
    """Tokenize texts with a native function from a column of strings to a column of lists of strings.

    It runs on chunks of rows on all cores, so that the lists of all texts are never in memory together. Of several
    columns each is released after it is tokenized. Empty tokens and nulls are left out.

    >>> tokens = tokenize_column(pl.Series(["good  food", "", "food"]), lambda texts: texts.str.split(" "))
    >>> [tokens.row(row) for row in range(3)]
    [['good', 'food'], [], ['food']]
    """
    dtype = pl.Categorical(pl.Categories.random())
    keep_alive = pl.Series([], dtype=dtype)  # polars drops the categories with the last column that uses them

    def encode(texts: pl.Series) -> Encoded:
        lists = tokenize(texts)
        lengths = lists.list.len().to_numpy().astype(np.int64)
        flat = lists.explode(empty_as_null=False) if len(lists) else pl.Series([], dtype=pl.String)
        is_token = (flat != "").fill_null(False)
        if not is_token.all():
            before = np.concatenate(([0], np.cumsum(is_token.to_numpy())))
            ends = np.cumsum(lengths)
            lengths = before[ends] - before[ends - lengths]
            flat = flat.filter(is_token)
        physical = flat.cast(dtype).to_physical().to_numpy()
        codes: Codes = physical.astype(np.uint16) if physical.max(initial=0) < 1 << 16 else physical.astype(np.int32)
        return codes, lengths

    codes: Codes = np.empty(0, dtype=np.uint16)  # half the memory, until a chunk needs int32
    lengths = [np.zeros(0, dtype=np.int64)]
    for chunk_codes, chunk_lengths in _encoded_chunks(texts, encode, chunk):
        codes = append_in_place(codes.astype(np.result_type(codes, chunk_codes), copy=False), chunk_codes)
        lengths.append(chunk_lengths)
    offsets = np.concatenate(([0], np.cumsum(np.concatenate(lengths))))
    used = used_codes(codes).astype(np.uint32)  # threads leave gaps in the numbers of the categories
    words = pl.select(pl.Series(used).cat.to(keep_alive.dtype)).to_series().cast(pl.String)
    order = words.arg_sort()  # the numbers of the categories depend on the threads, the order of words must not
    numbers = np.zeros(int(used[-1]) + 1 if used.size else 0, dtype=np.int32)
    numbers[used[order.to_numpy()]] = np.arange(used.size, dtype=np.int32)
    return Tokens(remap(codes, numbers), offsets, words.gather(order))


def _encoded_chunks(
    texts: pl.Series | Iterable[pl.Series], encode: Callable[[pl.Series], Encoded], chunk: int
) -> Iterator[Encoded]:
    """The encoded chunks in order. An error of a text has its row among all texts."""
    rows = 0
    try:
        for codes, lengths in map_chunks(texts, encode, chunk=chunk):
            rows += len(lengths)
            yield codes, lengths
    except ZooError as error:
        raise error.at_rows(lambda row: row + rows) from None


def drop_unused(codes: Codes, offsets: NDArray[np.int64], words: pl.Series) -> Tokens:
    """Tokens without the words that no code refers to. `codes` is changed in place."""
    used = used_codes(codes)
    numbers = np.zeros(len(words), dtype=np.int32)
    numbers[used] = np.arange(used.size, dtype=np.int32)
    return Tokens(remap(codes, numbers), offsets, words.gather(used.astype(np.uint32)))


def append_in_place(array: NDArray[Any], more: NDArray[Any]) -> NDArray[Any]:
    """Append to an array by resizing it, which as a rule needs no second array of its size.

    `array` must own its memory, and no other array may share it.
    """
    end = len(array)
    array.resize(end + len(more), refcheck=False)
    array[end:] = more
    return array


def used_codes(codes: Codes, *, chunk: int = SCAN_CODES) -> NDArray[np.int64]:
    """The distinct codes, ascending; in chunks, because np.unique would take twice the memory of the codes."""
    seen = np.zeros(int(codes.max()) + 1 if len(codes) else 0, dtype=np.bool_)
    for start in range(0, len(codes), chunk):
        seen[codes[start : start + chunk]] = True
    return np.flatnonzero(seen)


def remap(codes: Codes, numbers: NDArray[np.int32], *, chunk: int = SCAN_CODES) -> Codes:
    """Replace each code by its number, in place and in chunks: no second array of that size is made."""
    for start in range(0, len(codes), chunk):
        codes[start : start + chunk] = numbers[codes[start : start + chunk]]
    return codes
