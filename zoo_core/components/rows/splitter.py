"""The contract of splitters. Nothing here imports numpy or polars, so that listing components is fast."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from zoo_core.components.component import ANY_TARGETS, Component, TargetType

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]


class Splitter(Component):
    """Rows of a file → training, validation and test split, and folds.

    Rows are numbered from 0 among those that are to be split, in the order of the file. A split that the file itself
    gives is not changed: what is missing is taken from its training rows, and only these are given. All methods run on
    the CPU, in the process that prepares the data, and must not use global random generators: the same arguments give
    the same rows, also when a run is opened again or resumed.

    Attributes:
        keeps_groups: `True` if rows with equal values in its columns are in the same split.
        keeps_order: `True` if values of its column never fall from train to val, and from val to test.
        shuffles: `False` if the seed changes nothing, as where a column alone decides.
        targets: The types of targets whose labels it can split by.
    """

    required_methods = ("split",)
    keeps_groups: ClassVar[bool] = False
    keeps_order: ClassVar[bool] = False
    shuffles: ClassVar[bool] = True
    targets: ClassVar[tuple[TargetType, ...]] = ANY_TARGETS

    def used_columns(self) -> Collection[str]:
        """The columns of the file that it splits by, by name; none by default.

        Called before a file is read, so that its reader keeps them although the task does not use them, and again
        before each call of `split` and `folds`. A column that the file lacks is an error with the columns it has."""
        return ()

    def split(
        self, labels: pl.Series, columns: pl.DataFrame, shares: Mapping[str, float], seed: int
    ) -> Mapping[str, Rows]:
        """The rows of each split, int64 in any order, by the names in `shares`: every row is in one of them.

        `labels` are the class names `(rows,)`, of multi-label targets lists of strings, `columns` the `used_columns`,
        as strings `(rows,)` in the order of the file. `shares` are parts of 1 for "train" and for each of "val" and
        "test" that the file lacks. An entry of another name than those in `shares` has rows that are left out: its name
        is the reason, which is counted with the rows that the task drops. Called once when data is prepared, and once
        when a run is evaluated on it again.

        Raises DataError for values that it cannot split by: `Problem(message, row=number)` is shown with the line."""
        raise NotImplementedError

    def folds(
        self, labels: pl.Series, columns: pl.DataFrame, shares: Mapping[str, float], k: int, seed: int
    ) -> Sequence[Mapping[str, Rows]]:
        """For each of k folds its rows "train", "val" and "fold", on which a model is evaluated; no row is in two.

        `labels` and `columns` are those of all rows outside the test split. `shares` has "train" and "val", positive
        numbers in proportion. A row is in at most one "fold"; "val" decides when training stops, as in `split`. Called
        once for a swap with folds. Without this method, a swap with folds is rejected.

        Raises DataError as `split` does, and for fewer rows than k folds need."""
        raise NotImplementedError
