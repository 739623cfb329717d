"""Whether probabilities come true as often as they say. All in float64."""

from __future__ import annotations

import torch
from attrs import frozen
from torch import Tensor

NUM_BINS = 10


def confidence_and_correct(probabilities: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """What each row of probabilities `(rows, classes)` claims, how surely `(rows,)`, and whether it came true.

    For two classes that the row is of the second; for more that it is of the likeliest.
    """
    given = probabilities.double()
    if given.shape[1] == 2:
        return given[:, 1].contiguous(), targets == 1
    values, labels = given.max(dim=1)
    return values, targets == labels


@frozen(eq=False)
class CalibrationBins:
    """Rows in equal bins by probability: how many, the sum of their probabilities, how many came true; `(bins,)`."""

    rows: Tensor
    confidence_sums: Tensor
    correct_counts: Tensor

    @classmethod
    def from_confidence(cls, values: Tensor, true: Tensor, bins: int = NUM_BINS) -> CalibrationBins:
        """The bins of probabilities `(rows,)` float64 and of what came true `(rows,)`. A bin holds its upper edge."""
        inner = torch.arange(1, bins, dtype=torch.float64) / bins
        at = torch.bucketize(values, inner)
        empty = torch.zeros(bins, dtype=torch.float64)
        rows = torch.bincount(at, minlength=bins).double()
        return cls(rows, empty.index_add(0, at, values), empty.index_add(0, at, true.double()))

    def __add__(self, other: CalibrationBins) -> CalibrationBins:
        return CalibrationBins(
            self.rows + other.rows,
            self.confidence_sums + other.confidence_sums,
            self.correct_counts + other.correct_counts,
        )

    def expected_calibration_error(self) -> float:
        """The mean distance of the two in a bin, weighted by rows; 0 for no rows (Guo et al. 2017)."""
        return float((self.confidence_sums - self.correct_counts).abs().sum() / self.rows.sum().clamp(min=1))
