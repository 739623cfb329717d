"""What is read of texts longer than a limit, as ranges of their tokens."""

from __future__ import annotations

from typing import Literal

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

Ints = NDArray[np.int64]
LongTexts = Literal["head", "tail", "head+tail", "windows"]


@frozen(eq=False)
class Pieces:
    """The ranges of tokens that are read: each starts at `starts` `(pieces,)` and has `lengths` `(pieces,)` tokens.

    `rows` `(rows + 1,)` divides them among texts. If `are_windows`, each is a sequence of its own, else those of a text
    make up one.
    """

    starts: Ints
    lengths: Ints
    rows: Ints
    are_windows: bool

    def offsets(self) -> Ints:
        """Where each sequence starts among the tokens that are read, and the end `(sequences + 1,)`."""
        ends = np.concatenate(([0], np.cumsum(self.lengths)))
        return ends if self.are_windows else ends[self.rows]

    def positions(self, start: int, stop: int) -> Ints:
        """The position of each token that is read of these texts, in order."""
        pieces = slice(self.rows[start], self.rows[stop])
        lengths = self.lengths[pieces]
        ends = np.cumsum(lengths)
        positions = np.repeat(self.starts[pieces] - ends + lengths, lengths)
        positions += np.arange(len(positions))
        return positions


@frozen
class Reading:
    """What is read of texts with more than `max_length` tokens; windows share at least `overlap` tokens.

    Every window has `max_length` tokens, so that few places of a batch are padding: the last one ends with the text,
    and shares with the one before what is left.

    >>> pieces = Reading("windows", 3, 1).pieces(np.array([0, 2, 8]))
    >>> [(int(start), int(length)) for start, length in zip(pieces.starts, pieces.lengths)]
    [(0, 2), (2, 3), (4, 3), (5, 3)]
    """

    long_texts: LongTexts
    max_length: int
    overlap: int = 0

    def pieces(self, offsets: Ints) -> Pieces:
        """What is read of texts whose tokens are divided by `offsets` `(rows + 1,)`."""
        lengths = np.diff(offsets)
        read = np.minimum(lengths, self.max_length)
        if self.long_texts in ("head", "tail"):
            starts = offsets[:-1] if self.long_texts == "head" else offsets[1:] - read
            return Pieces(starts, read, np.arange(len(offsets)), False)
        step = self.max_length - self.overlap if self.long_texts == "windows" else self.max_length
        more = -((read - lengths) // step)  # pieces of a long text beside the first
        counts = 1 + (more if self.long_texts == "windows" else np.minimum(more, 1))
        rows = np.concatenate(([0], np.cumsum(counts)))
        row = np.repeat(np.arange(len(lengths)), counts)  # of each piece
        number = np.arange(len(row)) - rows[row]
        if self.long_texts == "windows":
            begins = np.minimum(number * step, (lengths - read)[row])
            return Pieces(offsets[row] + begins, read[row], rows, True)
        tail = np.where(more > 0, self.max_length // 2, 0)[row]
        begins = np.where(number == 0, 0, lengths[row] - tail)
        return Pieces(offsets[row] + begins, np.where(number == 0, read[row] - tail, tail), rows, False)
