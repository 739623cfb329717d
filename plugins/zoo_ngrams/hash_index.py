"""Hash index: positions of integer keys, looked up for whole columns at once."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from zoo_core.features.counting import Ints

GOLDEN_MULTIPLIER = 0x9E3779B97F4A7C15  # 2⁶⁴ / golden ratio
EXTRA_BITS = 2  # a table has four to eight slots per key
MISSING = -1


@frozen(eq=False)
class Level:
    """A hash table of positions, MISSING in free slots; of several keys with one hash it holds one."""

    table: NDArray[np.int32]
    multiplier: np.uint64
    shift: np.uint64

    def slots(self, keys: NDArray[np.uint64]) -> Ints:
        """Return the slot of each key."""
        return ((keys * self.multiplier) >> self.shift).astype(np.int64)


@frozen(eq=False)
class HashIndex:
    """Positions of distinct keys by multiplicative hashing; colliding keys go to the next, smaller table.

    Most unknown keys are rejected by the first table, because their slot there is free.

    >>> HashIndex.build(np.array([3, 8, 1 << 40])).positions(np.array([8, 4, 1 << 40, 3])).tolist()
    [1, -1, 2, 0]

    Source: Knuth 1998, *The Art of Computer Programming*, volume 3, section 6.4.
    """

    keys: NDArray[np.uint64]
    levels: tuple[Level, ...]

    @classmethod
    def build(cls, keys: Ints) -> HashIndex:
        """Index distinct non-negative keys `(keys,)`."""
        unsigned = keys.astype(np.uint64)
        levels: list[Level] = []
        remaining = np.arange(len(unsigned), dtype=np.int32)
        while len(remaining):
            bits = len(remaining).bit_length() + EXTRA_BITS
            multiplier = np.uint64(pow(GOLDEN_MULTIPLIER, len(levels) + 1, 1 << 64))
            level = Level(np.full(1 << bits, MISSING, dtype=np.int32), multiplier, np.uint64(64 - bits))
            slots = level.slots(unsigned[remaining])
            level.table[slots] = remaining
            levels.append(level)
            remaining = remaining[level.table[slots] != remaining]
        return cls(unsigned, tuple(levels))

    def positions(self, keys: Ints) -> Ints:
        """Return the position of each key `(n,)`, MISSING for an unknown key."""
        positions = np.full(len(keys), MISSING)
        unresolved, unresolved_keys = np.arange(len(keys)), keys.astype(np.uint64)
        for level in self.levels:
            candidates = level.table.take(level.slots(unresolved_keys))
            is_taken = candidates >= 0
            unresolved, unresolved_keys = unresolved.compress(is_taken), unresolved_keys.compress(is_taken)
            candidates = candidates.compress(is_taken)
            is_match = self.keys.take(candidates) == unresolved_keys
            positions[unresolved.compress(is_match)] = candidates.compress(is_match)
            unresolved, unresolved_keys = unresolved.compress(~is_match), unresolved_keys.compress(~is_match)
        return positions
