"""Groups of rows with the same text: exact, after normalization, and near duplicates."""

from __future__ import annotations

import numpy as np
import polars as pl
from attrs import frozen
from numpy.typing import NDArray

from zoo_core.data.near_duplicates import Ints, find_near_duplicates


@frozen(eq=False)
class DuplicateGroups:
    """For each row the first row of its group `(rows,)`; a row with a blank text is a group of its own.

    Rows of a group have the same text (`exact`), the same normalized text (`normalized`), or are linked by near
    duplicates (`near`). `near_match` is an earlier row that is itself a near duplicate of the row, or -1.
    """

    exact: Ints
    normalized: Ints
    near: Ints
    near_match: Ints


def find_duplicates(texts: pl.Series, normalized: pl.Series, similarity: float, seed: int) -> DuplicateGroups:
    """Group the rows by their texts. `similarity` is the least one of near duplicates; 1 looks for none."""
    blank = (normalized == "").to_numpy()
    exact, same = _first_occurrences(texts, blank), _first_occurrences(normalized, blank)
    num_rows = len(same)
    near, near_match = same, np.full(num_rows, -1)
    distinct = np.flatnonzero((same == np.arange(num_rows)) & ~blank)
    if similarity < 1 and len(distinct):
        root, match = find_near_duplicates(normalized.gather(distinct.astype(np.uint32)), similarity, seed=seed)
        group = np.arange(num_rows)
        group[distinct] = distinct[root]
        near = group[same]
        near_match[distinct] = np.where(match >= 0, distinct[match], -1)
    return DuplicateGroups(exact, same, near, near_match)


def _first_occurrences(texts: pl.Series, blank: NDArray[np.bool_]) -> Ints:
    """For each row the first row with the same text, by a 64-bit hash; for a blank text, the row itself."""
    _, first, inverse = np.unique(texts.hash().to_numpy(), return_index=True, return_inverse=True)
    return np.where(blank, np.arange(len(texts)), first[inverse])
