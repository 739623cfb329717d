"""Accumulators of metrics: exact counts and float64 sums, independent of the batches."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from zoo_core.evaluation.calibration import CalibrationBins, confidence_and_correct
from zoo_core.evaluation.classification import ClassCounts
from zoo_core.evaluation.intervals.calibration_error import calibration_error_interval
from zoo_core.evaluation.metric_inputs import label_inputs, probability_inputs
from zoo_core.evaluation.ranking import cumulative_counts


class CountAccumulator:
    """A metric computed from the actual, predicted and correct rows of each class."""

    def __init__(self, classes: int, metric: Callable[[ClassCounts], float]) -> None:
        self.classes, self.metric = classes, metric
        zeros = torch.zeros(classes, dtype=torch.float64)
        self.counts = ClassCounts(zeros, zeros, zeros)

    def update(self, predicted: Tensor, targets: Tensor) -> None:
        predicted, targets = label_inputs(predicted, targets, self.classes)
        self.counts = self.counts + ClassCounts.from_labels(predicted, targets, self.classes)

    def compute(self) -> float:
        return self.metric(self.counts)


def accuracy(counts: ClassCounts) -> float:
    """Return the share of all rows that are predicted correctly."""
    return float(counts.hits.sum() / counts.actual.sum().clamp(min=1))


def averaged_metric(counts: ClassCounts, *, class_metric: Callable[[ClassCounts], Tensor], average: int | str) -> float:
    """Return the metric of the class with the index `average`, or the average with this name; 0 without rows."""
    if isinstance(average, int):
        return float(class_metric(counts)[average])
    if average == "micro":
        return float(class_metric(counts.micro())[0])
    weights = counts.occurring() if average == "macro" else counts.actual
    return float((class_metric(counts) * weights).sum() / weights.sum().clamp(min=1))


def matthews(counts: ClassCounts) -> float:
    """Return the correlation of predicted and actual classes; 0 if either has one class only."""
    rows = counts.actual.sum()
    covariance = counts.hits.sum() * rows - (counts.predicted * counts.actual).sum()
    variances = [rows.square() - totals.square().sum() for totals in (counts.predicted, counts.actual)]
    return float(covariance / (variances[0] * variances[1]).sqrt()) if all(variances) else 0.0


class LogLossAccumulator:
    """The mean negative logarithm of the probability of the actual class, at least eps and at most 1 - eps.

    eps is the distance from 1 to the next larger number of the type of the probabilities, as in scikit-learn.
    """

    def __init__(self) -> None:
        self.total, self.rows = 0.0, 0

    def update(self, predicted: Tensor, targets: Tensor) -> None:
        predicted, targets = probability_inputs(predicted, targets)
        eps = torch.finfo(predicted.dtype).eps
        probabilities = predicted.gather(1, targets.unsqueeze(1)).clamp(eps, 1 - eps)
        self.total -= float(probabilities.double().log().sum())
        self.rows += len(targets)

    def compute(self) -> float:
        return self.total / max(self.rows, 1)


class BrierAccumulator:
    """The mean squared error of the probability of the second of two classes, or of all of more."""

    def __init__(self) -> None:
        self.total, self.rows = 0.0, 0

    def update(self, predicted: Tensor, targets: Tensor) -> None:
        predicted, targets = probability_inputs(predicted, targets)
        classes = predicted.shape[1]
        errors = (predicted.double() - functional.one_hot(targets, classes)).square().sum(dim=1)  # (batch,)
        self.total += float(errors.sum()) / (2 if classes == 2 else 1)
        self.rows += len(targets)

    def compute(self) -> float:
        return self.total / max(self.rows, 1)


class CalibrationAccumulator:
    """The expected calibration error over bins of equal width."""

    def __init__(self, bins: int) -> None:
        self.num_bins = bins
        self.bins = CalibrationBins.empty(bins)

    def update(self, predicted: Tensor, targets: Tensor) -> None:
        predicted, targets = probability_inputs(predicted, targets)
        confidence, is_correct = confidence_and_correct(predicted.cpu(), targets.cpu())
        self.bins = self.bins + CalibrationBins.from_confidence(confidence, is_correct, self.num_bins)

    def compute(self) -> float:
        return self.bins.expected_calibration_error()

    def interval(self, level: float) -> tuple[float, float] | None:
        found = calibration_error_interval(self.bins, level)
        return None if found is None else (found.low, found.high)


class RankingAccumulator:
    """The mean area under a curve of some classes, each against the rest.

    The mean is weighted by the rows of a class if `weighted`, and `undefined` if no class has an area. All rows are
    stored, since a rank is among all of them.
    """

    def __init__(
        self, area: Callable[[Tensor, Tensor], float], classes: list[int], *, weighted: bool, undefined: float
    ) -> None:
        self.area, self.classes, self.weighted, self.undefined = area, classes, weighted, undefined
        self.predicted: list[Tensor] = []
        self.targets: list[Tensor] = []

    def update(self, predicted: Tensor, targets: Tensor) -> None:
        predicted, targets = probability_inputs(predicted, targets)
        self.predicted.append(predicted.cpu()[:, self.classes])
        self.targets.append(targets.cpu())

    def compute(self) -> float:
        if not self.targets:
            return self.undefined
        probabilities, targets = torch.cat(self.predicted), torch.cat(self.targets)
        total = total_weight = 0.0
        for column, label in enumerate(self.classes):
            is_class = targets == label
            area = self.area(*cumulative_counts(probabilities[:, column], is_class))
            if not math.isnan(area):
                weight = float(is_class.sum()) if self.weighted else 1.0
                total, total_weight = total + weight * area, total_weight + weight
        return total / total_weight if total_weight else self.undefined
