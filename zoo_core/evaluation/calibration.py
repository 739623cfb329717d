"""Calibration: whether predicted probabilities match observed frequencies. All in float64."""

from __future__ import annotations

import math

import torch
from attrs import frozen
from torch import Tensor

NUM_BINS = 10


def confidence_and_correct(probabilities: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """The confidence of predictions and whether each is correct, both `(rows,)`, from probabilities `(rows, classes)`.

    For two classes, the prediction is the second class; for more, the most likely one. For labels `(rows, classes)`
    bool, each is a prediction of its own, and both are `(rows, classes)`.
    """
    probabilities = probabilities.double()
    if targets.ndim == 2:
        return probabilities, targets
    if probabilities.shape[1] == 2:
        return probabilities[:, 1].contiguous(), targets == 1
    confidence, predicted = probabilities.max(dim=1)
    return confidence, targets == predicted


@frozen(eq=False)
class CalibrationBins:
    """Rows in bins of equal width by confidence: number, sum of the confidence, number of correct ones; `(bins,)`.

    Of labels by themselves, there are bins for each label, one label after the other: the expected calibration error is
    then the mean of those of the labels. `squares` are the sums of (confidence - correct)², `expected_squares` what
    they are for perfect probabilities.
    """

    rows: Tensor
    confidence_sums: Tensor
    correct_counts: Tensor
    squares: Tensor
    expected_squares: Tensor

    @classmethod
    def empty(cls, num_bins: int = NUM_BINS, labels: int = 1) -> CalibrationBins:
        """Bins without rows."""
        return cls(*torch.zeros(5, labels * num_bins, dtype=torch.float64))

    @classmethod
    def from_confidence(cls, confidence: Tensor, correct: Tensor, num_bins: int = NUM_BINS) -> CalibrationBins:
        """The bins of confidence float64 and of correctness, `(rows,)` or `(rows, labels)` each.

        A bin includes its upper edge."""
        bins, total = _find_bins(confidence, num_bins)
        confidence, hits = confidence.flatten(), correct.flatten().double()
        squares, expected = (confidence - hits).square(), confidence * (1 - confidence)
        columns = (torch.ones_like(confidence), confidence, hits, squares, expected)
        zeros = torch.zeros(total, dtype=torch.float64)
        return cls(*(zeros.index_add(0, bins, column) for column in columns))

    def __add__(self, other: CalibrationBins) -> CalibrationBins:
        return CalibrationBins(
            self.rows + other.rows,
            self.confidence_sums + other.confidence_sums,
            self.correct_counts + other.correct_counts,
            self.squares + other.squares,
            self.expected_squares + other.expected_squares,
        )

    def errors(self) -> Tensor:
        """Confidence - accuracy of each bin, times its share of the rows `(bins,)`; 0 for no rows."""
        return (self.confidence_sums - self.correct_counts) / self.rows.sum().clamp(min=1)

    def standard_errors(self) -> Tensor:
        """The standard errors of `errors` `(bins,)`: as observed, or those of perfect probabilities if they are larger.

        A few rows may agree with their confidence by chance, which does not make them more certain.
        """
        rows = self.rows.sum().clamp(min=1)
        observed = self.squares / rows - self.errors().square()
        return torch.maximum(observed, self.expected_squares / rows).clamp(min=0).sqrt() / rows.sqrt()

    def expected_calibration_error(self) -> float:
        """The mean |confidence - accuracy| of the bins, weighted by rows; 0 for no rows (Guo et al. 2017)."""
        return float((self.confidence_sums - self.correct_counts).abs().sum() / self.rows.sum().clamp(min=1))


def calibration_noise(confidence: Tensor, num_bins: int = NUM_BINS) -> tuple[float, float]:
    """The mean and the standard deviation of the expected calibration error of perfect probabilities.

    They are `(rows,)`, or `(rows, labels)` of labels by themselves.

    In each bin, the sum of the errors is about normal, with the variance p (1 - p) of each row; the error adds the
    absolute values of these sums.
    """
    bins, total = _find_bins(confidence, num_bins)
    variances = torch.zeros(total, dtype=torch.float64)
    variances.index_add_(0, bins, (confidence * (1 - confidence)).flatten())
    rows = max(confidence.numel(), 1)
    mean = math.sqrt(2 / math.pi) * float(variances.sqrt().sum())
    return mean / rows, math.sqrt((1 - 2 / math.pi) * float(variances.sum())) / rows


def _find_bins(confidence: Tensor, num_bins: int) -> tuple[Tensor, int]:
    """The bin of each value, flat, and the number of bins; a column of values `(rows, labels)` has bins of its own."""
    inner_edges = torch.arange(1, num_bins, dtype=torch.float64) / num_bins
    bins = torch.bucketize(confidence, inner_edges)
    if confidence.ndim == 1:
        return bins, num_bins
    labels = confidence.shape[1]
    return (bins + num_bins * torch.arange(labels)).flatten(), labels * num_bins
