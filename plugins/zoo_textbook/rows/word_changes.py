"""Random changes of the words of texts, whole columns at a time."""

from __future__ import annotations

import numpy as np
import polars as pl
from attrs import frozen
from numpy.typing import NDArray

SPACE = " "


@frozen(eq=False)
class Words:
    """The words of all texts, one after the other: strings `(words,)`, and the row of each `(words,)`."""

    flat: pl.Series
    rows: NDArray[np.int64]
    texts: pl.Series

    @classmethod
    def of(cls, texts: pl.Series) -> Words:
        """Split texts at spaces; an empty text has one empty word."""
        lists = texts.str.split(SPACE)
        lengths = lists.list.len().to_numpy().astype(np.int64)
        flat = lists.explode() if len(texts) else pl.Series([], dtype=pl.String)
        return cls(flat, np.repeat(np.arange(len(texts)), lengths), texts)

    def join(self, chosen: NDArray[np.int64]) -> pl.Series:
        """The texts of chosen words by number, grouped by row: every row has one or more."""
        frame = pl.DataFrame({"row": self.rows[chosen], "word": self.flat.gather(chosen)})
        joined = frame.group_by("row", maintain_order=True).agg(pl.col("word").str.join(SPACE))
        return joined["word"].alias(self.texts.name)


def drop_words(texts: pl.Series, share: float, seed: int) -> pl.Series:
    """The texts without words drawn with the probability `share`; the word with the highest draw stays."""
    if not len(texts):
        return texts
    words = Words.of(texts)
    draws = np.random.default_rng(seed).random(len(words.rows))
    draws[(words.flat == "").to_numpy()] = -1.0  # between two spaces: not the word that stays
    starts = np.flatnonzero(np.diff(words.rows, prepend=-1))
    highest = np.maximum.reduceat(draws, starts)
    return words.join(np.flatnonzero((draws >= share) | (draws == highest[words.rows])))


def swap_words(texts: pl.Series, share: float, seed: int) -> pl.Series:
    """The texts with words swapped with their next one, each pair with the probability `share`."""
    if not len(texts):
        return texts
    words = Words.of(texts)
    has_next = np.diff(words.rows, append=-1) == 0
    drawn = (np.random.default_rng(seed).random(len(words.rows)) < share) & has_next
    run_start = np.maximum.accumulate(np.where(drawn & ~np.roll(drawn, 1), np.arange(len(drawn)), 0))
    first = np.flatnonzero(drawn & ((np.arange(len(drawn)) - run_start) % 2 == 0))  # every other one of a run
    order = np.arange(len(drawn))
    order[first], order[first + 1] = first + 1, first
    return words.join(order)
