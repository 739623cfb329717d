"""Rows in the order of a column of dates, times or numbers, divided without separating equal ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from zoo_core.data.folds import part_column
from zoo_core.data.numeric_columns import parse_numbers
from zoo_core.data.splits import Rows
from zoo_core.errors import DataError, Problem
from zoo_core.messages import pluralize

DATE_FORMATS = (  # of ISO 8601, and the same with slashes
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M:%S%.f",
)
ZONED_FORMATS = ("%Y-%m-%d %H:%M:%S%.f%#z",)
EXPECTED = "a number, or a date as in 2024-01-31 or 2024-01-31 18:30:00"


def time_ranks(column: pl.Series, *, form: str = "") -> Rows:
    """The rank `(rows,)` of each row by its time, from 0; equal times have equal ranks.

    All values are numbers, or all are dates or times, in ISO 8601 or in the format `form` of strftime. A time without
    a zone is one of UTC.

    Raises DataError, with the row, for the first value that is none of them, and for an empty one.
    """
    values = column.str.strip_chars()
    times = parse_numbers(values) if not form else pl.Series([None] * len(values), dtype=pl.Float64)
    if times.null_count():
        dates = _parse_times(values, (form,) if form else DATE_FORMATS, () if form else ZONED_FORMATS)
        # what most values are decides which of them are wrong
        times = dates if dates.null_count() <= times.null_count() else times
    if times.null_count():
        row = int(times.is_null().arg_true()[0])
        found = f'"{values[row]}"' if values[row] else "an empty value"
        expected = f"a date in the format {form}" if form else EXPECTED
        message = f'cannot order rows by column "{column.name}": got {found}, expected {expected}'
        raise DataError(Problem(message, row=row, hint="" if form else "a recipe has splitter.format for other dates"))
    return times.rank("dense").to_numpy().astype(np.int64) - 1


def _parse_times(values: pl.Series, forms: tuple[str, ...], zoned: tuple[str, ...]) -> pl.Series:
    """Microseconds since 1970, null where no format fits."""
    if not forms[0].isascii() or "%" not in forms[0]:
        return pl.Series([None] * len(values), dtype=pl.Int64)
    spaced = values.str.replace(r"^(\d{4}-\d{2}-\d{2})[Tt]", "${1} ").str.replace(r"[Zz]$", "+00:00")
    column = pl.lit(spaced)
    parsed = [column.str.to_datetime(form, time_unit="us", strict=False) for form in forms]
    with_zone = [
        column.str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False).dt.replace_time_zone(None)
        for form in zoned
    ]
    return pl.select(pl.coalesce(*parsed, *with_zone).dt.epoch("us")).to_series()


def split_by_rank(ranks: Rows, shares: Mapping[str, float]) -> dict[str, Rows]:
    """Sorted rows of each part, the earliest in the first; the shares are met as well as equal ranks allow.

    Raises DataError for fewer different ranks than parts with a share.
    """
    names = [name for name, share in shares.items() if share > 0]
    part = _assign(ranks, np.array([shares[name] for name in names]))
    return {name: np.flatnonzero(part == names.index(name)) if name in names else np.arange(0) for name in shares}


def time_split_column(column: pl.Series, shares: Mapping[str, float]) -> pl.Series:
    """The name of each row's split, by the times in a column; see `time_ranks` and `split_by_rank`."""
    return part_column(split_by_rank(time_ranks(column), shares), len(column))


def forward_folds(ranks: Rows, shares: Mapping[str, float], k: int) -> list[dict[str, Rows]]:
    """For each of k folds the rows "train", "val" and "fold" of forward chaining.

    The rows are divided by their order into k + 1 blocks; fold i is the block i + 1, "train" and "val" are what is
    before it, divided by `shares` in the order of time. So no row trains, or stops the training of, a model that is
    evaluated on earlier ones, and the first block is never a fold.

    Raises DataError for too few different ranks.
    """
    block = _assign(ranks, np.ones(k + 1))
    folds = []
    for number in range(1, k + 1):
        before = np.flatnonzero(block < number)
        inner = split_by_rank(ranks[before], {name: shares[name] for name in ("train", "val")})
        folds.append({**{name: before[rows] for name, rows in inner.items()}, "fold": np.flatnonzero(block == number)})
    return folds


def _assign(ranks: Rows, shares: NDArray[np.float64]) -> Rows:
    """The part `(rows,)` of each row: the ranks cut where the cumulative shares are met best, one or more a part."""
    counts = np.bincount(np.unique(ranks, return_inverse=True)[1])
    if len(counts) < len(shares):
        times = pluralize(len(counts), "different time")
        raise DataError(f"cannot divide {times} into {len(shares)} parts", hint="use fewer parts, or add rows")
    ends = np.cumsum(counts)  # the rows up to each time
    targets = np.cumsum(shares)[:-1] / shares.sum() * ends[-1]
    cuts: list[int] = []  # the number of times before each cut
    for number, target in enumerate(targets, 1):
        best = int(np.abs(ends - target).argmin()) + 1
        lowest, highest = (cuts[-1] if cuts else 0) + 1, len(counts) - (len(shares) - number)
        cuts.append(min(max(best, lowest), highest))
    parts = np.searchsorted(cuts, np.arange(len(counts)), side="right")
    return np.asarray(parts[np.unique(ranks, return_inverse=True)[1]], dtype=np.int64)
