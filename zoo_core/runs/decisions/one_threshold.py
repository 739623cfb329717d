"""The search for the threshold of two classes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from torch import Tensor

from zoo_core.runs.decisions.objectives import Objective

THRESHOLDS_PER_ROUND = 500
ThresholdInterval = tuple[float, float]  # thresholds above the first number, up to the second, label all rows alike


def search_threshold(probabilities: Tensor, targets: Tensor, objective: Objective, *, near: float = 0.5) -> float:
    """The threshold that is best over these rows, of equal ones the nearest to `near`.

    `probabilities` `(rows,)` are those of the second class. Tries every threshold that labels the rows differently if
    there are at most 500; otherwise 500 evenly spaced ones, then those around the best.
    """

    def cost(threshold: float) -> Any:
        return objective.key((probabilities >= threshold).long(), targets)

    return search(threshold_intervals(probabilities.double().unique().tolist()), cost, near=near)


def threshold_intervals(values: Sequence[float]) -> list[ThresholdInterval]:
    """The intervals in which thresholds label all rows alike, for sorted, distinct probabilities.

    >>> threshold_intervals([0.2, 0.6])
    [(-1.0, 0.2), (0.2, 0.6), (0.6, 1.0)]
    """
    return list(pairwise([-1.0, *values, *([1.0] if values[-1] < 1 else [])]))


def pick_threshold(interval: ThresholdInterval) -> float:
    """A threshold of an interval: 0.5 if it contains that, else a number of few digits near the middle.

    >>> [pick_threshold(interval) for interval in threshold_intervals([0.213, 0.374, 0.6])]
    [0.0, 0.3, 0.5, 1.0]
    """
    low, high = interval
    if low < 0.5 <= high:
        return 0.5
    if low < 0 or high == 1:
        return 0.0 if low < 0 else 1.0
    middle = (low + high) / 2
    rounded = (round(middle, digits) for digits in range(1, 17))
    return next((value for value in rounded if low < value < high), middle)


def search(
    intervals: Sequence[ThresholdInterval],
    cost: Callable[[float], Any],
    *,
    near: float = 0.5,
    per_round: int = THRESHOLDS_PER_ROUND,
) -> float:
    """The threshold of the lowest cost, of equal ones the nearest to `near`; each round searches around the best."""
    while True:
        step = math.ceil(len(intervals) / per_round)
        candidates = range(0, len(intervals), step)
        thresholds = {index: pick_threshold(intervals[index]) for index in candidates}
        best = min(candidates, key=lambda index: (cost(thresholds[index]), abs(thresholds[index] - near)))
        if step == 1:
            break
        intervals = intervals[max(0, best - step + 1) : best + step]
    return near if cost(near) <= cost(thresholds[best]) else thresholds[best]
