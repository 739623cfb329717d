"""Findings of the rows of a mask, with the first of them as examples."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from zoo_core.data.audit.severity import make_finding
from zoo_core.data.findings import Finding
from zoo_core.data.near_duplicates import Ints

MAX_EXAMPLES = 3


def row_finding(check: str, message: str, mask: pl.Series, *, hint: str = "") -> Iterator[Finding]:
    """A finding of these rows; none without rows."""
    rows = mask.arg_true()
    if len(rows):
        yield make_finding(check, message, len(rows), row_numbers(rows.head(MAX_EXAMPLES)), of=len(mask), hint=hint)


def pair_finding(check: str, message: str, mask: NDArray[np.bool_], related: Ints, *, of: int = 0) -> Iterator[Finding]:
    """A finding of these rows, each of which has the problem because of its `related` row (-1 if unknown)."""
    rows = np.flatnonzero(mask)
    if len(rows):
        shown = rows[related[rows] >= 0][:MAX_EXAMPLES]
        yield make_finding(check, message, len(rows), (shown + 1).tolist(), (related[shown] + 1).tolist(), of=of)


def row_numbers(rows: pl.Series) -> list[int]:
    """The numbers of rows from 1."""
    return [int(row) + 1 for row in rows]
