"""Prediction sets: the labels of a row that contain the true one with a given probability, by split conformal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import torch
from attrs import frozen
from torch import Tensor

from zoo_core.evaluation.answers.shares import Share

__all__ = ["CoveredRows", "fewest_rows", "prediction_sets", "set_thresholds"]


def fewest_rows(coverage: float) -> int:
    """The fewest calibration rows with which a label can be left out: ⌈1 / (1 - coverage)⌉ - 1.

    >>> [fewest_rows(coverage) for coverage in (0.5, 0.9, 0.95, 0.99)]
    [1, 9, 19, 99]
    """
    return math.ceil(1 / (1 - _exact(coverage))) - 1


def set_thresholds(values: Tensor, targets: Tensor, coverage: float, *, by_class: bool = False) -> Tensor:
    """The lowest value of each class `(classes,)` with which it belongs to the set of a row.

    `values` are the probabilities, or scores, of calibration rows `(rows, classes)` with the true classes `(rows,)`.
    Without `by_class`, the sets contain the true class of at least the share `coverage` of new rows, on average over
    calibration rows; with it, so do those of each class. -inf for a class with fewer than `fewest_rows`, which belongs
    to every set.

    Source: split conformal with the score 1 - p of the true class; Vovk, Gammerman & Shafer 2005, Sadinle, Lei &
    Wasserman 2019.
    """
    true_values = values.gather(1, targets.unsqueeze(1)).squeeze(1)
    if not by_class:
        return _lowest_value(true_values, coverage).expand(values.shape[1]).clone()
    return torch.stack([_lowest_value(true_values[targets == index], coverage) for index in range(values.shape[1])])


def prediction_sets(values: Tensor, thresholds: Tensor, predicted: Tensor | None = None) -> Tensor:
    """The classes of each row, bool `(rows, classes)`, from values `(rows, classes)` and thresholds `(classes,)`.

    The `predicted` classes `(rows,)` are added to their sets, so that none is empty; this only raises the coverage.
    """
    sets = values >= thresholds
    return sets if predicted is None else sets.scatter(1, predicted.unsqueeze(1), value=True)


def _lowest_value(true_values: Tensor, coverage: float) -> Tensor:
    """The value that the ⌈(n + 1) coverage⌉ highest of n reach; -inf if that is more than n."""
    rows = len(true_values)
    kept = math.ceil((rows + 1) * _exact(coverage))
    if kept > rows:
        return true_values.new_tensor(-math.inf)
    return true_values.sort(descending=True).values[kept - 1]


def _exact(coverage: float) -> Fraction:
    """The number as it is written: 10 · 0.9 is 9, not a little more or less."""
    return Fraction(repr(coverage))


@frozen
class CoveredRows:
    """How many rows have their true class in their prediction set, and the labels in all of these sets.

    `label` is the class that they have; None for rows of all classes.
    """

    rows: int
    covered: int
    labels: int
    label: str | None = None

    @classmethod
    def of_sets(cls, sets: Tensor, targets: Tensor, label: str | None = None) -> CoveredRows:
        """Count the rows of sets `(rows, classes)` with true classes `(rows,)`."""
        covered = int(sets.gather(1, targets.unsqueeze(1)).sum())
        return cls(len(targets), covered, int(sets.sum()), label)

    @classmethod
    def by_class(cls, sets: Tensor, targets: Tensor, classes: Sequence[str]) -> list[CoveredRows]:
        """The same for the rows of each class."""
        rows = [targets == index for index in range(len(classes))]
        return [cls.of_sets(sets[own], targets[own], label) for own, label in zip(rows, classes, strict=True)]

    @property
    def coverage(self) -> Share:
        """The share of the rows whose true class is in their set."""
        return Share(self.covered, self.rows)

    @property
    def mean_size(self) -> float:
        """The mean number of labels in a set; NaN without rows."""
        return self.labels / self.rows if self.rows else math.nan

    def to_dict(self) -> dict[str, Any]:
        """The values as JSON; those of no rows are None."""
        coverage, interval = self.coverage.to_json()
        values = {"rows": self.rows, "coverage": coverage, "mean_size": self.mean_size if self.rows else None}
        named = {"label": self.label, **values} if self.label is not None else values
        return {**named, "intervals": {"coverage": interval}}
