"""Where each of many numbers stands in a column of different ones: found for whole columns at once."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from zoo_core.features.counting import Ints

ODD = 0x9E3779B97F4A7C15  # 2⁶⁴ divided by the golden ratio
ROOM = 2  # bits: a table has four to eight places for each key


@frozen(eq=False)
class Level:
    """A table of positions, -1 for none, with a place for each hash of a key; of two keys there, one is left out."""

    table: NDArray[np.int32]
    factor: np.uint64
    shift: np.uint64

    def places(self, keys: NDArray[np.uint64]) -> Ints:
        return ((keys * self.factor) >> self.shift).astype(np.int64)


@frozen(eq=False)
class Index:
    """The positions of keys, by multiplicative hashing; keys that find their place taken go to a smaller table.

    A key that is not known is most often told by the first table, whose place for it is free.

    >>> Index.of(np.array([3, 8, 1 << 40])).positions(np.array([8, 4, 1 << 40, 3])).tolist()
    [1, -1, 2, 0]

    Source: Knuth 1998, *The Art of Computer Programming*, volume 3, section 6.4.
    """

    keys: NDArray[np.uint64]
    levels: tuple[Level, ...]

    @classmethod
    def of(cls, keys: Ints) -> Index:
        """Of different keys `(keys,)`, none below 0."""
        whole = keys.astype(np.uint64)
        levels: list[Level] = []
        left = np.arange(len(whole), dtype=np.int32)
        while len(left):
            bits = len(left).bit_length() + ROOM
            factor = np.uint64(pow(ODD, len(levels) + 1, 1 << 64))
            level = Level(np.full(1 << bits, -1, dtype=np.int32), factor, np.uint64(64 - bits))
            places = level.places(whole[left])
            level.table[places] = left
            levels.append(level)
            left = left[level.table[places] != left]
        return cls(whole, tuple(levels))

    def positions(self, keys: Ints) -> Ints:
        """Where each of these stands `(n,)`, -1 for one that is not known."""
        found = np.full(len(keys), -1)
        at, left = np.arange(len(keys)), keys.astype(np.uint64)
        for level in self.levels:
            own = level.table.take(level.places(left))
            taken = own >= 0
            at, left, own = at.compress(taken), left.compress(taken), own.compress(taken)
            same = self.keys.take(own) == left
            found[at.compress(same)] = own.compress(same)
            at, left = at.compress(~same), left.compress(~same)
        return found
