"""The statistics of a comparison, on plain numbers: intervals, paired tests, corrections, rows that are needed.

Scipy is imported when a quantile is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
CONFIDENCE_LEVEL = 0.95
POWER = 0.80


@frozen
class Interval:
    """From `low` to `high`."""

    low: float
    high: float

    def contains(self, value: float) -> bool:
        """Whether a value lies within."""
        return self.low <= value <= self.high

    def clip(self, low: float, high: float) -> Interval:
        """What of it lies between two limits."""
        return Interval(max(self.low, low), min(self.high, high))


@frozen
class PairedResult:
    """A paired comparison: its difference, interval and p, and the parts of its variance.

    `rows` is the variance of the difference that comes of the rows drawn, `seeds` that of the seeds (0 where one seed
    cannot tell).
    """

    difference: float
    interval: Interval
    p: float
    test: str
    rows_variance: float
    seeds_variance: float


def normal_quantile(level: float = CONFIDENCE_LEVEL) -> float:
    """The two-sided quantile of the normal distribution."""
    from scipy import special

    return float(special.ndtri(0.5 + level / 2))


def student_quantile(freedom: float, level: float = CONFIDENCE_LEVEL) -> float:
    """The two-sided quantile of Student's distribution."""
    from scipy import special

    return float(special.stdtrit(freedom, 0.5 + level / 2))


def wilson_interval(hits: int, rows: int, level: float = CONFIDENCE_LEVEL) -> Interval:
    """The score interval of a share.

    Source: Wilson 1927."""
    z = normal_quantile(level)
    share, spread = hits / rows, z * z / rows
    center = share + spread / 2
    half = z * math.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    return Interval((center - half) / (1 + spread), (center + half) / (1 + spread))


def mcnemar_p_values(first: int, second: int) -> tuple[float, float]:
    """The exact and the mid-p value of rows that only the first, and only the second, got right.

    Source: McNemar 1947; the mid-p after Fagerland, Lydersen & Laake 2013.

    >>> [round(p, 4) for p in mcnemar(1, 7)]
    [0.0703, 0.0391]
    """
    from scipy import special

    rows, fewer = first + second, min(first, second)
    if rows == 0:
        return 1.0, 1.0
    exact = min(1.0, 2 * float(special.bdtr(fewer, rows, 0.5)))
    point = math.exp(
        math.lgamma(rows + 1) - math.lgamma(fewer + 1) - math.lgamma(rows - fewer + 1) - rows * math.log(2)
    )
    if first == second:
        return 1.0, 1 - point / 2
    return exact, exact - point


def paired_proportions_interval(first: int, second: int, rows: int, level: float = CONFIDENCE_LEVEL) -> Interval:
    """The interval of the difference of two shares on the same rows, of which `first` were right for the first alone
    and `second` for the second alone.

    Source: Bonett & Price 2012, the adjusted Wald interval."""
    one, two = (first + 1) / (rows + 2), (second + 1) / (rows + 2)
    half = normal_quantile(level) * math.sqrt((one + two - (one - two) ** 2) / (rows + 2))
    return Interval(max(one - two - half, -1.0), min(one - two + half, 1.0))


def mcnemar_result(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> PairedResult:
    """`first` against `second`, each saying which of the same rows were right: McNemar's test."""
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    rows = len(first)
    difference = (only_first - only_second) / rows
    variance = (only_first + only_second) / rows - difference**2
    interval = paired_proportions_interval(only_first, only_second, rows)
    return PairedResult(
        difference, interval, mcnemar_p_values(only_first, only_second)[1], "mcnemar", variance / rows, 0.0
    )


def bootstrap_result(difference: float, bootstrap_values: FloatArray) -> PairedResult:
    """A difference, and the same on rows drawn anew many times: percentiles, and how often it changes its side.

    Source: Efron & Tibshirani 1993, chapters 13 and 15."""
    half = (1 - CONFIDENCE_LEVEL) / 2
    low, high = np.quantile(bootstrap_values, [half, 1 - half])
    below, above = int((bootstrap_values <= 0).sum()), int((bootstrap_values >= 0).sum())
    p = min(1.0, 2 * (1 + min(below, above)) / (1 + len(bootstrap_values)))
    return PairedResult(
        difference, Interval(float(low), float(high)), p, "paired bootstrap", float(bootstrap_values.var(ddof=1)), 0.0
    )


def seeds_result(differences: FloatArray, rows: float, *, strict: bool = True) -> PairedResult:
    """The mean of the differences of several seeds, on the same rows; `rows` is the variance of that mean that comes of
    the rows.

    The two variances are added. The quantile is the mean of Student's for the seeds and the normal one for the rows,
    each weighted by its variance, which asks for what it should or more. For two seeds that does not quite hold, and
    `strict` takes Student's alone.

    Source: Cochran 1964, "Approximate significance levels of the Behrens-Fisher test"."""
    count = len(differences)
    seeds = float(differences.var(ddof=1)) / count
    difference, variance, test = float(differences.mean()), rows + seeds, "rows and seeds"
    if not variance:
        return PairedResult(
            difference, Interval(difference, difference), 1.0 if not difference else 0.0, test, 0.0, 0.0
        )
    share = 1.0 if strict and count == 2 else seeds / variance
    error = math.sqrt(variance)
    half = error * blended_quantile(count - 1, share)
    p = blended_p_value(abs(difference) / error, count - 1, share)
    return PairedResult(difference, Interval(difference - half, difference + half), p, test, rows, seeds)


def blended_quantile(freedom: int, share: float, level: float = CONFIDENCE_LEVEL) -> float:
    """Student's quantile for a share of the variance, and the normal one for the rest."""
    return share * student_quantile(freedom, level) + (1 - share) * normal_quantile(level)


def blended_p_value(statistic: float, freedom: int, share: float) -> float:
    """The p at which `blended` is the statistic."""
    low, high = 0.0, 1.0  # of the level
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if blended_quantile(freedom, share, middle) < statistic else (low, middle)
    return 1 - (low + high) / 2


def folds_result(differences: FloatArray, ratio: float) -> PairedResult:
    """The mean difference over folds. `ratio` is rows judged to rows trained on: folds share training rows, and a plain
    t-test takes them for independent.

    Source: Nadeau & Bengio 2003, the corrected resampled t-test."""
    count, difference = len(differences), float(differences.mean())
    variance = (1 / count + ratio) * float(differences.var(ddof=1))
    test = "corrected t over folds"
    if not variance:
        return PairedResult(
            difference, Interval(difference, difference), 1.0 if not difference else 0.0, test, 0.0, 0.0
        )
    from scipy import special

    error = math.sqrt(variance)
    p = 2 * float(special.stdtr(count - 1, -abs(difference) / error))
    half = student_quantile(count - 1) * error
    return PairedResult(difference, Interval(difference - half, difference + half), p, test, variance, 0.0)


def holm_correction(values: Sequence[float]) -> list[float]:
    """Each p, corrected for all of them being tried.

    Source: Holm 1979.

    >>> [round(p, 2) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(values)), key=lambda at: values[at])
    found, most = [0.0] * len(values), 0.0
    for place, at in enumerate(order):
        most = max(most, min(1.0, (len(values) - place) * values[at]))
        found[at] = most
    return found


def required_sample_size(
    variance: float, units: int, difference: float, *, fixed: float = 0.0, critical: float = 0.0
) -> float:
    """How many units (rows) in all would show a difference four times in five, where a mean over `units` of them has
    this variance, and `fixed` is a variance that more of them do not lessen; infinite where no number would do.

    `critical` is how many standard errors a difference must have; the normal quantile, if 0.

    Source: the usual approximation, n = (z₁₋α⸝₂ + z₁₋β)² σ² / δ²; for pairs Connor 1987."""
    wanted = (difference / ((critical or normal_quantile()) + normal_quantile(2 * POWER - 1))) ** 2
    return math.inf if wanted <= fixed else variance * units / (wanted - fixed)
