"""Statistics of a comparison, on plain numbers: intervals, paired tests, corrections, required sample sizes.

Scipy is imported when a quantile is needed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from zoo_core.evaluation.intervals.interval import Interval
from zoo_core.evaluation.quantiles import (
    CONFIDENCE_LEVEL,
    blended_p_value,
    blended_quantile,
    normal_quantile,
    student_quantile,
    two_sided_p,
)

FloatArray = NDArray[np.float64]
POWER = 0.80
NEGLIGIBLE = 1e-9  # a standard error below this part of the differences is a rounding error


@frozen
class PairedResult:
    """A paired comparison: difference, interval, p, and the components of the variance of the difference.

    `rows_variance` is due to the sample of rows, `seeds_variance` to the seeds (0 if it cannot be estimated).
    `critical` is the number of standard errors that counts as significant; 0 is the normal quantile. A difference
    without an estimate of its variance has p = 1 and an infinite interval.
    """

    difference: float
    interval: Interval
    p: float
    test: str
    rows_variance: float
    seeds_variance: float
    critical: float = 0.0


def mcnemar_p_values(only_first: int, only_second: int) -> tuple[float, float]:
    """The exact and the mid-p value, from the numbers of rows that only one of two classifiers got right.

    Source: McNemar 1947; the mid-p after Fagerland, Lydersen & Laake 2013.

    >>> [round(p, 4) for p in mcnemar_p_values(1, 7)]
    [0.0703, 0.0391]
    """
    from scipy import special

    rows, fewer = only_first + only_second, min(only_first, only_second)
    if rows == 0:
        return 1.0, 1.0
    exact = min(1.0, 2 * float(special.bdtr(fewer, rows, 0.5)))
    point = math.exp(
        math.lgamma(rows + 1) - math.lgamma(fewer + 1) - math.lgamma(rows - fewer + 1) - rows * math.log(2)
    )
    if only_first == only_second:
        return 1.0, 1 - point / 2
    return exact, exact - point


def paired_proportions_interval(
    only_first: int, only_second: int, rows: int, level: float = CONFIDENCE_LEVEL
) -> Interval:
    """The interval of the difference of two accuracies on the same rows.

    `only_first` rows were right for the first classifier alone, `only_second` for the second alone.

    Source: Bonett & Price 2012, the adjusted Wald interval."""
    first, second = (only_first + 1) / (rows + 2), (only_second + 1) / (rows + 2)
    half = normal_quantile(level) * math.sqrt((first + second - (first - second) ** 2) / (rows + 2))
    return Interval(max(first - second - half, -1.0), min(first - second + half, 1.0))


def mcnemar_result(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> PairedResult:
    """McNemar's test of `first` against `second` `(rows,)`: which of the same rows each got right."""
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    rows = len(first)
    difference = (only_first - only_second) / rows
    variance = (only_first + only_second) / rows - difference**2
    interval = paired_proportions_interval(only_first, only_second, rows)
    p = mcnemar_p_values(only_first, only_second)[1]
    return PairedResult(difference, interval, p, "mcnemar", variance / rows, 0.0)


def bootstrap_result(difference: float, bootstrap_values: FloatArray, rows: float = math.inf) -> PairedResult:
    """The paired bootstrap: an interval, and p from how often a resampled difference changes its sign.

    `bootstrap_values` `(samples,)` are the differences on resampled rows. With few rows, percentiles are too narrow:
    their levels are those of Student's t with `rows` - 1 degrees of freedom, and the interval contains that of
    Student's t with the variance of the samples; p is the larger of the two.

    Source: Efron & Tibshirani 1993, chapters 13 and 15; Hesterberg 2015, section 4.2, expanded percentiles."""
    from scipy import special

    variance = float(bootstrap_values.var(ddof=1)) / (1 - 1 / rows) if rows > 1 else math.inf
    if not _is_estimated(np.array([difference]), variance):
        return _no_verdict(difference, "paired bootstrap")
    shrink = math.sqrt(1 - 1 / rows)
    critical = student_quantile(rows - 1)
    half_level = float(special.ndtr(-critical / shrink))
    low, high = np.quantile(bootstrap_values, [half_level, 1 - half_level])
    below, above = int((bootstrap_values <= 0).sum()), int((bootstrap_values >= 0).sum())
    tail = min(1.0, 2 * (1 + min(below, above)) / (1 + len(bootstrap_values))) / 2
    by_sign, by_size = -float(special.ndtri(tail)) * shrink, abs(difference) / math.sqrt(variance)
    p = two_sided_p(min(by_sign, by_size), rows - 1)
    half = critical * math.sqrt(variance)
    interval = Interval(min(float(low), difference - half), max(float(high), difference + half))
    return PairedResult(difference, interval, p, "paired bootstrap", variance, 0.0, critical)


def subtract(first: FloatArray, second: FloatArray) -> FloatArray:
    """`first` - `second`, elementwise; 0 where they differ by no more than rounding errors, which are no variance."""
    return np.where(np.isclose(first, second, rtol=NEGLIGIBLE, atol=0), 0.0, first - second)


def mean_variance(values: FloatArray) -> float:
    """The variance of the mean of values of rows `(rows,)`.

    At least that of one row that differs, since a mean over rows is never known better than to a row; infinite for a
    single row.
    """
    rows = len(values)
    return math.inf if rows < 2 else max(float(values.var(ddof=1)) / rows, 1 / rows**2)


def seeds_result(
    differences: FloatArray, rows_variance: float, *, rows: float = math.inf, strict: bool = True
) -> PairedResult:
    """The mean of the differences of several seeds on the same rows.

    `rows_variance` is the variance of that mean due to the rows; it is added to the variance due to the seeds. The
    quantile is the mean of Student's t for the seeds and that for the rows, weighted by their variances. The
    coverage is at least nominal, except slightly for two seeds; there `strict` uses Student's t for the seeds alone.

    Source: Cochran 1964, "Approximate significance levels of the Behrens-Fisher test"."""
    count = len(differences)
    seeds_variance = float(differences.var(ddof=1)) / count
    difference, variance, test = float(differences.mean()), rows_variance + seeds_variance, "rows and seeds"
    if not _is_estimated(differences, variance):
        return _no_verdict(difference, test)
    share = 1.0 if strict and count == 2 else seeds_variance / variance
    error = math.sqrt(variance)
    critical = blended_quantile(count - 1, share, rows - 1)
    p = blended_p_value(abs(difference) / error, count - 1, share, rows - 1)
    interval = Interval(difference - critical * error, difference + critical * error)
    return PairedResult(difference, interval, p, test, rows_variance, seeds_variance, critical)


def _is_estimated(differences: FloatArray, variance: float) -> bool:
    """Whether a variance is finite and more than a rounding error of the differences."""
    scale = float(np.abs(differences).max())
    return math.isfinite(variance) and variance > (NEGLIGIBLE * scale) ** 2


def _no_verdict(difference: float, test: str) -> PairedResult:
    return PairedResult(difference, Interval(-math.inf, math.inf), 1.0, test, 0.0, 0.0)


def folds_result(differences: FloatArray, ratio: float, rows_variance: float = 0.0) -> PairedResult:
    """The mean difference over folds; `ratio` is evaluated rows / training rows.

    Folds share training rows, which a plain t-test takes for independent. `rows_variance`, the variance of the mean
    difference due to the rows alone, is a floor: a few folds may agree by chance. Without a floor, folds that agree
    give no verdict.

    Source: Nadeau & Bengio 2003, the corrected resampled t-test."""
    count, difference = len(differences), float(differences.mean())
    variance = max((1 / count + ratio) * float(differences.var(ddof=1)), rows_variance)
    test = "corrected t over folds"
    if not _is_estimated(differences, variance):
        return _no_verdict(difference, test)
    error, critical = math.sqrt(variance), student_quantile(count - 1)
    p = two_sided_p(abs(difference) / error, count - 1)
    interval = Interval(difference - critical * error, difference + critical * error)
    return PairedResult(difference, interval, p, test, variance, 0.0, critical)


def holm_correction(p_values: Sequence[float]) -> list[float]:
    """Correct each p value for the number of comparisons.

    Source: Holm 1979.

    >>> [round(p, 2) for p in holm_correction([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    corrected, largest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = largest
    return corrected


def required_sample_size(
    variance: float, units: int, difference: float, *, fixed: float = 0.0, critical: float = 0.0
) -> float:
    """The number of units (rows or seeds) that shows a difference with a power of 80%; infinite if none does.

    `variance` is that of a mean over `units` units; more units reduce it, but not the variance `fixed`. `critical` is
    the number of standard errors that counts as significant; 0 uses the normal quantile.

    Source: the usual approximation, n = (z₁₋α⸝₂ + z₁₋β)² σ² / δ²; for pairs Connor 1987."""
    target = (difference / ((critical or normal_quantile()) + normal_quantile(2 * POWER - 1))) ** 2
    return math.inf if target <= fixed else variance * units / (target - fixed)
