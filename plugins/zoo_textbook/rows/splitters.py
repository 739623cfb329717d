"""Splitters: rows into splits and folds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Splitter, setting
from zoo_core.components.validators import not_empty

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]


@frozen
class Stratified(Splitter):
    """Random rows, every class with the same shares, as near as whole rows allow.

    Folds are stratified, too, and each row is in one, except the only row of a class, which every fold trains on. Rows
    with several labels are divided by iterative stratification: every label has the same shares, the rarest first.

    Source: Rao & McMahan, section 3.6 (the splits of the Yelp reviews); Sechidis, Tsoumakas & Vlahavas 2011, *On the
    Stratification of Multi-Label Data*."""

    name = "stratified"

    def split(
        self, labels: pl.Series, columns: pl.DataFrame, shares: Mapping[str, float], seed: int
    ) -> Mapping[str, Rows]:
        from zoo_core.data.splits import stratified_split

        return stratified_split(labels, shares, seed)

    def folds(
        self, labels: pl.Series, columns: pl.DataFrame, shares: Mapping[str, float], k: int, seed: int
    ) -> Sequence[Mapping[str, Rows]]:
        from zoo_core.data.folds import nested_folds

        return nested_folds(labels, shares, k, seed)


@frozen
class ByTime(Splitter):
    """Train on the earliest rows, validate on later ones, test on the latest: by a column of dates or numbers.

    Rows of the same time are in the same split, so that shares are met as well as these allow. The values are numbers,
    or dates and times as ISO 8601 writes them. Folds are those of forward chaining: the rows are divided into k + 1
    blocks, each fold trains on all blocks before its own, and the first block is never evaluated. The seed changes
    nothing.

    Source: Bergmeir & Benítez, *On the use of cross-validation for time series predictor evaluation* (2012)."""

    name = "by-time"
    keeps_groups = True
    keeps_order = True
    shuffles = False
    column: str = setting("date", "the column of dates, times or numbers", not_empty)
    format: str = setting("", "how dates are written, as %d.%m.%Y of strftime; empty: ISO 8601, or numbers")

    def used_columns(self) -> Collection[str]:
        return (self.column,)

    def split(
        self, labels: pl.Series, columns: pl.DataFrame, shares: Mapping[str, float], seed: int
    ) -> Mapping[str, Rows]:
        from zoo_core.data.splitting.time_order import split_by_rank, time_ranks

        return split_by_rank(time_ranks(columns[self.column], form=self.format), shares)

    def folds(
        self, labels: pl.Series, columns: pl.DataFrame, shares: Mapping[str, float], k: int, seed: int
    ) -> Sequence[Mapping[str, Rows]]:
        from zoo_core.data.splitting.time_order import forward_folds, time_ranks

        return forward_folds(time_ranks(columns[self.column], form=self.format), shares, k)


@frozen
class ByGroup(Splitter):
    """All rows of a group in the same split: by a column, as of authors, customers or threads.

    Every class has the same shares, as near as whole groups allow: the groups are assigned one by one, the largest
    first, each to the split whose share of its classes is then exceeded least. Rows without a group are one group.

    Source: the greedy assignment of scikit-learn's `StratifiedGroupKFold`."""

    name = "by-group"
    keeps_groups = True
    column: str = setting("group", "the column of groups", not_empty)

    def used_columns(self) -> Collection[str]:
        return (self.column,)

    def split(
        self, labels: pl.Series, columns: pl.DataFrame, shares: Mapping[str, float], seed: int
    ) -> Mapping[str, Rows]:
        from zoo_core.data.folds import grouped_split

        return grouped_split(labels, columns[self.column], shares, seed)

    def folds(
        self, labels: pl.Series, columns: pl.DataFrame, shares: Mapping[str, float], k: int, seed: int
    ) -> Sequence[Mapping[str, Rows]]:
        from zoo_core.data.folds import nested_folds

        return nested_folds(labels, shares, k, seed, groups=columns[self.column])
