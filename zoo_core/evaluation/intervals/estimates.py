"""From the influences of rows on a value to its confidence interval, inside the range of the value."""

from __future__ import annotations

import math
from collections.abc import Sequence

from zoo_core.evaluation.intervals.interval import Interval, scaled_score_interval
from zoo_core.evaluation.intervals.jackknife import Jackknife, skewed_errors

Range = tuple[float, ...]  # the lowest and the highest value
Intervals = list[Interval | None]
UNBOUNDED: Range = (-math.inf, math.inf)


def is_bounded(value_range: Range) -> bool:
    """Whether a range has two ends that are numbers."""
    return all(map(math.isfinite, value_range)) and value_range[0] < value_range[1]


def score_intervals(
    found: Jackknife, values: Sequence[float], value_range: Range, quantile: float, exact_rows: Sequence[float]
) -> Intervals:
    """The score interval of each value in a range with two ends; None for one that no row changes.

    A value at an end of the range has no variance: it is as precise as a share of `exact_rows`, if these are not 0.
    """
    low, width = value_range[0], value_range[1] - value_range[0]
    intervals: Intervals = []
    for value, variance, exact in zip(values, found.variances.tolist(), exact_rows, strict=True):
        share = (value - low) / width
        rows = exact if share in (0, 1) else share * (1 - share) * width**2 / variance if variance > 0 else 0.0
        is_known = math.isfinite(variance) and rows > 0
        intervals.append(scaled_score_interval(value, rows, value_range, quantile) if is_known else None)
    return intervals


def skewed_intervals(found: Jackknife, values: Sequence[float], value_range: Range, quantile: float) -> Intervals:
    """The interval of each value from its standard error, longer on the side of the rarer and larger influences.

    None for a value that no row changes.
    """
    intervals: Intervals = []
    for value, variance, skewness in zip(values, found.variances.tolist(), found.skewness.tolist(), strict=True):
        if not (math.isfinite(variance) and variance > 0):
            intervals.append(None)
            continue
        down, up = (math.sqrt(variance) * end for end in skewed_errors(quantile, skewness, found.count))
        intervals.append(Interval(value - down, value + up).clip(*value_range).covering(value))
    return intervals


def widest(first: Interval | None, second: Interval | None) -> Interval | None:
    """The interval that covers both; one alone if there is no other."""
    if first is None or second is None:
        return first or second
    return Interval(min(first.low, second.low), max(first.high, second.high))
