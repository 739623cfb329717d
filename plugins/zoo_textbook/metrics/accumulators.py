"""Accumulators of metrics: exact counts and float64 sums, independent of the batches."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from zoo_core.components.head import Head
from zoo_core.evaluation.calibration import CalibrationBins, confidence_and_correct
from zoo_core.evaluation.classification import ClassCounts
from zoo_core.evaluation.intervals.calibration_error import calibration_error_interval
from zoo_core.evaluation.metric_inputs import labels_of, memberships_of, probabilities_of
from zoo_core.evaluation.ranking import cumulative_counts
from zoo_core.evaluation.row_mean import RowMean


class CountAccumulator:
    """A metric computed from the actual, predicted and correct rows of each class."""

    def __init__(self, head: Head, metric: Callable[[ClassCounts], float]) -> None:
        self.head, self.metric = head, metric
        zeros = torch.zeros(len(head.classes), dtype=torch.float64)
        self.counts = ClassCounts(zeros, zeros, zeros)

    def update(self, predicted: Tensor, targets: Tensor) -> None:
        self.counts = self.counts + ClassCounts.of_head(self.head, *labels_of(self.head, predicted, targets))

    def compute(self) -> float:
        return self.metric(self.counts)


def averaging_accumulator(
    head: Head, class_metric: Callable[[ClassCounts], Tensor], average: int | str
) -> CountAccumulator | RowMean:
    """Return the accumulator of a metric of the class with the index `average`, or of the average with this name."""
    if average == "samples":
        return RowMean(
            head, lambda predicted, targets: class_metric(ClassCounts.from_matrices(predicted, targets, axis=1))
        )
    has_all = head.targets == "multi-label"
    metric = partial(averaged_metric, class_metric=class_metric, average=average, has_all=has_all)
    return CountAccumulator(head, metric)


def averaged_metric(
    counts: ClassCounts, *, class_metric: Callable[[ClassCounts], Tensor], average: int | str, has_all: bool = False
) -> float:
    """Return the metric of the class with the index `average`, or the average with this name; 0 without rows.

    The macro average is over the classes that occur or are predicted, or over all of them with `has_all`.
    """
    if isinstance(average, int):
        return float(class_metric(counts)[average])
    if average == "micro":
        return float(class_metric(counts.micro())[0])
    weights = counts.actual
    if average == "macro":
        weights = torch.ones_like(counts.actual) if has_all else counts.occurring()
    return float((class_metric(counts) * weights).sum() / weights.sum().clamp(min=1))


def matthews(counts: ClassCounts) -> float:
    """Return the correlation of predicted and actual classes; 0 if either has one class only."""
    rows = counts.actual.sum()
    covariance = counts.hits.sum() * rows - (counts.predicted * counts.actual).sum()
    variances = [rows.square() - totals.square().sum() for totals in (counts.predicted, counts.actual)]
    return float(covariance / (variances[0] * variances[1]).sqrt()) if all(variances) else 0.0


class LogLossAccumulator:
    """The mean negative logarithm of the probability of what is right, at least eps and at most 1 - eps.

    eps is the distance from 1 to the next larger number of the type of the probabilities, as in scikit-learn.
    """

    def __init__(self, head: Head) -> None:
        self.head = head
        self.total, self.count = 0.0, 0

    def update(self, predicted: Tensor, targets: Tensor) -> None:
        right = self.head.form.right_probabilities(*probabilities_of(self.head, predicted, targets))
        eps = torch.finfo(predicted.dtype).eps
        self.total -= float(right.clamp(eps, 1 - eps).double().log().sum())
        self.count += right.numel()

    def compute(self) -> float:
        return self.total / max(self.count, 1)


class BrierAccumulator:
    """The mean squared error of the probability of the second of two classes, of each label, or of all classes."""

    def __init__(self, head: Head) -> None:
        self.parts = len(head.classes) if head.targets == "multi-label" else 2 if head.is_binary else 1
        self.head = head
        self.total, self.rows = 0.0, 0

    def update(self, predicted: Tensor, targets: Tensor) -> None:
        probabilities, members = memberships_of(self.head, predicted, targets)
        errors = (probabilities.double() - members.double()).square()
        self.total += float(errors.sum()) / self.parts
        self.rows += len(targets)

    def compute(self) -> float:
        return self.total / max(self.rows, 1)


class CalibrationAccumulator:
    """The expected calibration error over bins of equal width; of several labels the mean of their errors."""

    def __init__(self, head: Head, bins: int) -> None:
        self.head, self.num_bins = head, bins
        self.bins = CalibrationBins.empty(bins, len(head.classes) if head.targets == "multi-label" else 1)

    def update(self, predicted: Tensor, targets: Tensor) -> None:
        probabilities, labels = probabilities_of(self.head, predicted, targets)
        confidence, is_correct = confidence_and_correct(probabilities.cpu(), labels.cpu())
        self.bins = self.bins + CalibrationBins.from_confidence(confidence, is_correct, self.num_bins)

    def compute(self) -> float:
        return self.bins.expected_calibration_error()

    def interval(self, level: float) -> tuple[float, float] | None:
        found = calibration_error_interval(self.bins, level)
        return None if found is None else (found.low, found.high)


class RankingAccumulator:
    """The mean area under a curve of some classes, each against the rest.

    The mean is weighted by the rows of a class for the average "weighted", and `undefined` if no class has an area; for
    "micro" it is one area of all rows of all these classes. All rows are stored, since a rank is among all of them.
    """

    def __init__(
        self,
        head: Head,
        area: Callable[[Tensor, Tensor], float],
        classes: list[int],
        *,
        average: str,
        undefined: float,
    ) -> None:
        self.head, self.area, self.classes, self.average, self.undefined = head, area, classes, average, undefined
        self.predicted: list[Tensor] = []
        self.members: list[Tensor] = []

    def update(self, predicted: Tensor, targets: Tensor) -> None:
        probabilities, members = memberships_of(self.head, predicted, targets)
        self.predicted.append(probabilities.cpu()[:, self.classes])
        self.members.append(members.cpu()[:, self.classes])

    def compute(self) -> float:
        if not self.members:
            return self.undefined
        probabilities, members = torch.cat(self.predicted), torch.cat(self.members)
        if self.average == "micro":
            probabilities, members = probabilities.reshape(-1, 1), members.reshape(-1, 1)
        total = total_weight = 0.0
        for column, is_class in zip(probabilities.unbind(1), members.unbind(1), strict=True):
            area = self.area(*cumulative_counts(column, is_class))
            if not math.isnan(area):
                weight = float(is_class.sum()) if self.average == "weighted" else 1.0
                total, total_weight = total + weight * area, total_weight + weight
        return total / total_weight if total_weight else self.undefined
