"""Duplicates."""

from __future__ import annotations

import numpy as np
import polars as pl
from attrs import frozen
from numpy.typing import NDArray

from zoo_core.data.near_duplicates import find_near_duplicates

Ints = NDArray[np.int64]


@frozen(eq=False)
class DuplicateGroups:
    """For each row the first row with the same text `(rows,)`: to the letter, once plain, and nearly; blank rows are
    like no other. `partner` is an earlier row that is nearly the same by itself, or -1."""

    exact: Ints
    normalized: Ints
    near: Ints
    near_match: Ints


def find_duplicates(texts: pl.Series, normalized: pl.Series, similarity: float, seed: int) -> DuplicateGroups:
    blank = (normalized == "").to_numpy()
    letter, same = _first_occurrences(texts, blank), _first_occurrences(normalized, blank)
    first = np.flatnonzero((same == np.arange(len(same))) & ~blank)
    group, partner = np.arange(len(same)), np.full(len(same), -1)
    if similarity < 1 and len(first):
        root, one = find_near_duplicates(normalized.gather(first.astype(np.uint32)), similarity, seed=seed)
        group[first] = first[root]
        partner[first] = np.where(one >= 0, first[one], -1)
        group = group[same]
    return DuplicateGroups(letter, same, group if similarity < 1 else same, partner)


def _first_occurrences(texts: pl.Series, blank: NDArray[np.bool_]) -> Ints:
    """For each row the first with the same text, told apart by 64 bits of hash; a blank one's is itself."""
    _, first, place = np.unique(texts.hash().to_numpy(), return_index=True, return_inverse=True)
    return np.where(blank, np.arange(len(texts)), first[place])
