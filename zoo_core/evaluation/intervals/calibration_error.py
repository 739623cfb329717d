"""The interval of an expected calibration error, a sum of absolute values, which chance alone makes larger."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from zoo_core.evaluation.calibration import CalibrationBins
from zoo_core.evaluation.intervals.interval import Interval
from zoo_core.evaluation.quantiles import CONFIDENCE_LEVEL, normal_quantile

STEPS, MAX_STANDARD_ERRORS = 400, 6.0  # by which the errors of the bins are moved in either direction
MAX_PLACES = 1 << 18  # moves × bins that are computed together; labels by themselves have bins each


def calibration_error_interval(bins: CalibrationBins, level: float = CONFIDENCE_LEVEL) -> Interval | None:
    """The interval of the expected calibration error of bins with two rows or more; None for fewer.

    The observed |error| of a bin with the true error e and the standard error s has the mean and the variance of a
    folded normal. All true errors are taken to be the observed ones, moved to or from 0 by one number of standard
    errors; the interval has those sums of them for which the observed sum is not in a tail.

    Source: Leone, Nelson & Nottingham 1961 for the folded normal; Carpenter 1999 for the inverted test."""
    if bins.rows.sum() < 2:
        return None
    has_rows = bins.rows > 0
    observed, deviations = bins.errors().abs()[has_rows], bins.standard_errors()[has_rows]
    moves = torch.linspace(-MAX_STANDARD_ERRORS, MAX_STANDARD_ERRORS, 2 * STEPS + 1, dtype=torch.float64)
    parts = [_sums(observed, deviations, some) for some in moves.split(max(1, MAX_PLACES // len(observed)))]
    errors, means, variances = (torch.cat(sums) for sums in zip(*parts, strict=True))
    half = normal_quantile(level) * variances.sqrt()
    is_likely = (means - observed.sum()).abs() <= half
    if not is_likely.any():  # the errors are even smaller than chance makes them
        return Interval(0.0, float(observed.sum()))
    sums = errors[is_likely]
    return Interval(float(sums.min()), min(float(sums.max()), 1.0))


def _sums(observed: Tensor, deviations: Tensor, moves: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """For each move, the sum over bins of the true errors, and of the means and variances of the observed ones."""
    true_errors = (observed - moves.unsqueeze(1) * deviations).clamp(min=0) * (observed > 0)  # (moves, bins)
    means, variances = _folded_normal(true_errors, deviations)
    return true_errors.sum(dim=1), means.sum(dim=1), variances.sum(dim=1)


def _folded_normal(means: Tensor, deviations: Tensor) -> tuple[Tensor, Tensor]:
    """The mean and the variance of the absolute value of normal variables."""
    ratios = means / deviations.clamp(min=1e-300)
    density = deviations * math.sqrt(2 / math.pi) * torch.exp(-ratios.square() / 2)
    folded = density + means * torch.special.erf(ratios / math.sqrt(2))
    return folded, (means.square() + deviations.square() - folded.square()).clamp(min=0)
