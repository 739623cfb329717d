"""Intervals of means over few rows, of which the observed ones may be too few to contain a rare large value."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from zoo_core.evaluation.intervals.estimates import Range
from zoo_core.evaluation.intervals.interval import Interval
from zoo_core.evaluation.intervals.jackknife import GROUPS, FloatArray, skewed_errors
from zoo_core.evaluation.quantiles import student_quantile_series

MAX_VALUES = 600  # of a row with a label, each computed on its own: a few milliseconds
RowFunction = Callable[[slice, Tensor], float]  # of scored rows with these class indices `(rows,)`
ROUNDING = 1e-6


def expected_interval(
    function: RowFunction, value: float, probabilities: Tensor, targets: Tensor, value_range: Range
) -> Interval | None:
    """The interval of a mean over rows, with the spread that the model's own probabilities expect if it is larger.

    A wrong label has a large loss, and 50 rows may have none: the observed spread is then too small. The probabilities
    `(rows, classes)` say how often each label occurs, and with it each value. None for many rows, and for a value that
    is not a mean over rows, as an area under a curve. The interval ends at the lowest and the highest value of a row.
    `targets` are class indices `(rows,)`.
    """
    rows, classes = probabilities.shape
    if rows < 2 or rows * classes > MAX_VALUES:
        return None
    try:
        if not _is_mean_of_halves(function, value, targets):
            return None
        labels = torch.arange(classes).split(1)
        table = np.array([[function(slice(row, row + 1), label) for label in labels] for row in range(rows)])
    except Exception:  # a function of a plugin may not take single rows
        return None
    weights = probabilities.double().numpy()
    table = np.where(weights > 0, table, 0.0)
    observed = table[np.arange(rows), targets.numpy()]
    if not np.isfinite(table).all() or not math.isclose(observed.mean(), value, rel_tol=ROUNDING, abs_tol=ROUNDING):
        return None
    moments = _central_moments(observed, np.ones(rows)), _central_moments(table, weights)
    variance, third = (max(pair, key=abs) for pair in zip(*moments, strict=True))
    if variance <= 0:
        return None
    quantile = student_quantile_series(min(rows, GROUPS) - 1)
    down, up = (math.sqrt(variance / rows) * end for end in skewed_errors(quantile, third / variance**1.5, rows))
    found = Interval(value - down, value + up).clip(float(table.min()), float(table.max()))
    return found.clip(*value_range).covering(value)


def _is_mean_of_halves(function: RowFunction, value: float, targets: Tensor) -> bool:
    """Whether the value is the mean of those of both halves of the rows: not so for ranks."""
    rows, half = len(targets), len(targets) // 2
    first, second = function(slice(0, half), targets[:half]), function(slice(half, rows), targets[half:])
    mean = (half * first + (rows - half) * second) / rows
    return math.isclose(mean, value, rel_tol=ROUNDING, abs_tol=ROUNDING)


def _central_moments(values: FloatArray, weights: FloatArray) -> tuple[float, float]:
    """The variance and the third central moment; sums are exact, and so independent of the order of rows."""
    total = math.fsum(weights.flat)
    mean = math.fsum((weights * values).flat) / total
    second, third = (math.fsum((weights * (values - mean) ** power).flat) / total for power in (2, 3))
    return second, third
