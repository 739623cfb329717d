"""Confidence intervals of a proportion, and of a value whose variance is known, which stay inside its range."""

from __future__ import annotations

import math
from collections.abc import Sequence

from attrs import frozen

from zoo_core.evaluation.quantiles import CONFIDENCE_LEVEL, normal_quantile

UNDEFINED = "–"


@frozen
class Interval:
    """A confidence interval from `low` to `high`."""

    low: float
    high: float

    def contains(self, value: float) -> bool:
        """Whether a value lies in the interval, ends included."""
        return self.low <= value <= self.high

    def clip(self, low: float, high: float) -> Interval:
        """The part of the interval between two limits."""
        return Interval(max(self.low, low), min(self.high, high))

    def covering(self, value: float) -> Interval:
        """The interval widened to a value, which it may miss by a rounding error."""
        return Interval(min(self.low, value), max(self.high, value))


def wilson_interval(successes: float, rows: float, level: float = CONFIDENCE_LEVEL) -> Interval:
    """The score interval of a proportion.

    Source: Wilson 1927."""
    return score_interval(successes / rows, rows, normal_quantile(level))


def score_interval(proportion: float, rows: float, quantile: float) -> Interval:
    """Wilson's interval of a proportion among `rows`, with the quantile of the normal or another distribution."""
    spread = quantile * quantile / rows
    center = proportion + spread / 2
    half = quantile * math.sqrt(proportion * (1 - proportion) / rows + spread / (4 * rows))
    return Interval((center - half) / (1 + spread), (center + half) / (1 + spread))


def scaled_score_interval(value: float, rows: float, value_range: Sequence[float], quantile: float) -> Interval:
    """Wilson's interval of a value that is as precise as a proportion among `rows`, in a range with two ends.

    With the effective number of rows u (1 - u) / variance, where u is the place of the value in the range, this is the
    score interval of complex samples (Korn & Graubard 1998), which keeps its coverage near the ends of the range.
    """
    low, width = value_range[0], value_range[1] - value_range[0]
    found = score_interval(min(max((value - low) / width, 0.0), 1.0), rows, quantile)
    return Interval(low + width * found.low, low + width * found.high).clip(*value_range).covering(value)


def format_interval(ends: Sequence[float] | None, digits: int = 4) -> str:
    """The ends of an interval for people, as in `0.9471 to 0.9642`; a dash if there is no interval."""
    return UNDEFINED if ends is None else f"{ends[0]:.{digits}f} to {ends[1]:.{digits}f}"


def format_short_interval(ends: Sequence[float] | None, digits: int = 3) -> str:
    """The ends of an interval for a narrow table, as in `0.947…0.964`."""
    return UNDEFINED if ends is None else f"{ends[0]:.{digits}f}…{ends[1]:.{digits}f}"


def format_figure(value: float, ends: Sequence[float] | None, digits: int = 4) -> str:
    """A value with its interval for people, as in `0.9560 (0.9471 to 0.9642)`."""
    return f"{value:.{digits}f} ({format_interval(ends, digits)})"


def interval_list(interval: Interval | None) -> list[float] | None:
    """The ends of an interval as JSON has them; None if there is no interval."""
    return None if interval is None else [interval.low, interval.high]
