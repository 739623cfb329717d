"""Rows to split: labels, and a column of dates with many, few or no equal values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import TypeVar, cast

import numpy as np
import polars as pl
from attrs import frozen

from zoo_core.components.contracts import Splitter
from zoo_core.data.splits import Rows
from zoo_core.errors import DataError
from zoo_core.testing.cases import Subject
from zoo_core.testing.input_sets import InputSet

T = TypeVar("T")

SHARES = {"train": 0.7, "val": 0.1, "test": 0.2}  # all of them different
FIRST_DAY = date(2019, 12, 27)  # so that months and years change
SEED = 7
ZONES = tuple(timezone(timedelta(hours=hours)) for hours in (0, 9, -8))


def as_date(day: int) -> str:
    """A day as a date, 2019-12-27 and later."""
    return (FIRST_DAY + timedelta(days=day)).isoformat()


def as_number(day: int) -> str:
    """A day as a number without leading zeros: as texts, 9 would be behind 10, and -2 behind -1."""
    return str(day - 12)


def as_time(day: int) -> str:
    """A day as a time, half an hour behind the one before it, in one of several time zones."""
    start = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=ZONES[0])
    return (start + timedelta(minutes=30 * day)).astimezone(ZONES[day % len(ZONES)]).isoformat()


@frozen(eq=False)
class RowsToSplit:
    """Labels, or lists of them, `(rows,)`, and the day of each row, a number from 0 `(rows,)`.

    A splitter may refuse them as too few.
    """

    labels: pl.Series
    days: Rows
    may_be_refused: bool = False
    write: Callable[[int], str] = as_date

    def is_for(self, splitter: Splitter) -> bool:
        """Whether a splitter supports targets of this type."""
        return ("multi-label" if isinstance(self.labels.dtype, pl.List) else "single-label") in splitter.targets

    def columns(self, splitter: Splitter) -> pl.DataFrame:
        """The columns that a splitter asks for: each has a date for each row, which is also a group."""
        return pl.DataFrame({name: self._values(name) for name in splitter.used_columns()})

    def days_of(self, name: str) -> Rows:
        """The days in a column: those of another name are others."""
        return np.roll(self.days, sum(name.encode()))

    def groups(self, splitter: Splitter) -> Rows:
        """The number of the group of each row `(rows,)`: rows with equal values in all columns of a splitter."""
        columns = [self.days_of(name) for name in splitter.used_columns()]
        _, groups = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
        return np.asarray(groups.reshape(-1), dtype=np.int64)

    def _values(self, name: str) -> list[str]:
        return [self.write(int(day)) for day in self.days_of(name)]

    def split(self, splitter: Splitter, shares: Mapping[str, float], seed: int = SEED) -> Mapping[str, Rows] | None:
        """The rows of each split; None if they are refused, as they may be, or not for this splitter."""
        if not self.is_for(splitter):
            return None
        return self._refused(lambda: splitter.split(self.labels, self.columns(splitter), shares, seed))

    def folds(self, splitter: Splitter, k: int, seed: int = SEED) -> Sequence[Mapping[str, Rows]] | None:
        """The rows of each fold; None if they are refused, as they may be, or not for this splitter."""
        if not self.is_for(splitter):
            return None
        shares = {"train": SHARES["train"], "val": SHARES["val"]}
        return self._refused(lambda: splitter.folds(self.labels, self.columns(splitter), shares, k, seed))

    def _refused(self, split: Callable[[], T]) -> T | None:
        try:
            return split()
        except DataError:
            if not self.may_be_refused:
                raise
            return None


def _make(
    labels: Sequence[str | list[str]],
    num_days: int,
    *,
    may_be_refused: bool = False,
    write: Callable[[int], str] = as_date,
) -> RowsToSplit:
    """Rows whose days are drawn, so that they are in no order, each of `num_days` days once or more."""
    days = np.resize(np.arange(num_days), len(labels))
    order = np.random.default_rng(SEED).permutation(len(labels))
    dtype = pl.String if isinstance(labels[0], str) else pl.List(pl.String)
    return RowsToSplit(pl.Series("label", labels, dtype=dtype), days[order].astype(np.int64), may_be_refused, write)


INPUTS = InputSet(
    "rows to split",
    2,
    {
        "60 rows of 2 classes": lambda: _make(["bad", "good"] * 30, 60),
        "512 rows of 6 classes, sorted by class": lambda: _make(sorted("abcdef"[at % 6] for at in range(512)), 512),
        "512 rows on 40 days": lambda: _make(["bad", "good"] * 256, 40),
        "90 rows on 9 days": lambda: _make(["bad", "good", "good"] * 30, 9),
        "120 rows with numbers": lambda: _make(["bad", "good"] * 60, 120, may_be_refused=True, write=as_number),
        "96 rows with times in several zones": lambda: _make(
            ["bad", "good"] * 48, 96, may_be_refused=True, write=as_time
        ),
        "40 rows of one class": lambda: _make(["only"] * 40, 40),
        "61 rows, one of them alone in its class": lambda: _make([*["bad", "good"] * 30, "rare"], 61),
        "30 rows with labels in Unicode": lambda: _make(["é", "日本", " x"] * 10, 30),
        "240 rows with 0 to 3 labels": lambda: _make([[], ["a"], ["a", "b"], ["b"], ["a", "b", "c"], ["d"]] * 40, 240),
        "12 rows on 3 days": lambda: _make(["bad", "good"] * 6, 3, may_be_refused=True),
        "3 rows": lambda: _make(["bad", "good", "bad"], 3, may_be_refused=True),
        "20 rows on one day": lambda: _make(["bad", "good"] * 10, 1, may_be_refused=True),
        "1 row": lambda: _make(["bad"], 1, may_be_refused=True),
    },
)


def splitter_of(subject: Subject) -> Splitter:
    """The splitter that is checked."""
    return cast(Splitter, subject.component)


def makes_folds(splitter: Splitter) -> bool:
    """Whether it has folds of its own."""
    return type(splitter).folds is not Splitter.folds
