"""Measures in plain torch: exact counts and float64 sums, whatever the batches."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from zoo_core.evaluation.calibration import CalibrationBins, confidence_and_correct
from zoo_core.evaluation.classification import ClassCounts
from zoo_core.evaluation.ranking import cumulative_counts


class Counts:
    """A figure of the rows of each class that there are, are predicted, and both."""

    def __init__(self, classes: int, figure: Callable[[ClassCounts], float]) -> None:
        self.classes, self.figure = classes, figure
        none = torch.zeros(classes, dtype=torch.float64)
        self.tally = ClassCounts(none, none, none)

    def update(self, predicted: Tensor, targets: Tensor) -> None:
        self.tally = self.tally + ClassCounts.from_labels(predicted, targets, self.classes)

    def compute(self) -> float:
        return self.figure(self.tally)


def accuracy(tally: ClassCounts) -> float:
    """The share of all rows that are hits."""
    return float(tally.hits.sum() / tally.actual.sum().clamp(min=1))


def averaged(tally: ClassCounts, *, each: Callable[[ClassCounts], Tensor], over: int | str) -> float:
    """A figure of each class: that of the class `over`, or the average of this name; 0 where there is none."""
    if isinstance(over, int):
        return float(each(tally)[over])
    if over == "micro":
        return float(each(tally.micro())[0])
    weights = tally.occurring() if over == "macro" else tally.actual
    return float((each(tally) * weights).sum() / weights.sum().clamp(min=1))


def matthews(tally: ClassCounts) -> float:
    """The correlation of predicted and true classes; 0 where either is one class alone."""
    rows = tally.actual.sum()
    together = tally.hits.sum() * rows - (tally.predicted * tally.actual).sum()
    spreads = [rows.square() - of.square().sum() for of in (tally.predicted, tally.actual)]
    return float(together / (spreads[0] * spreads[1]).sqrt()) if all(spreads) else 0.0


class MeanLogLoss:
    """The mean negative log of the target's probability."""

    def __init__(self) -> None:
        self.total, self.rows = 0.0, 0

    def update(self, predicted: Tensor, targets: Tensor) -> None:
        picked = predicted.double().gather(1, targets.unsqueeze(1)).clamp(min=1e-7)
        self.total -= float(picked.log().sum())
        self.rows += len(targets)

    def compute(self) -> float:
        return self.total / max(self.rows, 1)


class MeanBrier:
    """The mean squared distance of probabilities and what came true: of the second of two classes, or of all."""

    def __init__(self) -> None:
        self.total, self.rows = 0.0, 0

    def update(self, predicted: Tensor, targets: Tensor) -> None:
        classes = predicted.shape[1]
        far = (predicted.double() - functional.one_hot(targets, classes)).square().sum(dim=1)  # (batch,)
        self.total += float(far.sum()) / (2 if classes == 2 else 1)
        self.rows += len(targets)

    def compute(self) -> float:
        return self.total / max(self.rows, 1)


class CalibrationGap:
    """The mean distance of probability and what came true, in equal bins."""

    def __init__(self, bins: int) -> None:
        self.bins = bins
        none = torch.zeros(bins, dtype=torch.float64)
        self.binned = CalibrationBins(none, none, none)

    def update(self, predicted: Tensor, targets: Tensor) -> None:
        self.binned = self.binned + CalibrationBins.from_confidence(
            *confidence_and_correct(predicted.cpu(), targets.cpu()), self.bins
        )

    def compute(self) -> float:
        return self.binned.expected_calibration_error()


class OneAgainstRest:
    """An area of some classes against the rest, averaged: by rows if `weighted`, `undefined` where no class has one.

    A rank is among all rows, so every batch is kept until the end.
    """

    def __init__(
        self, area: Callable[[Tensor, Tensor], float], classes: list[int], *, weighted: bool, undefined: float
    ) -> None:
        self.area, self.classes, self.weighted, self.undefined = area, classes, weighted, undefined
        self.predicted: list[Tensor] = []
        self.targets: list[Tensor] = []

    def update(self, predicted: Tensor, targets: Tensor) -> None:
        self.predicted.append(predicted.cpu()[:, self.classes])
        self.targets.append(targets.cpu())

    def compute(self) -> float:
        if not self.targets:
            return self.undefined
        values, targets = torch.cat(self.predicted), torch.cat(self.targets)
        total = weights = 0.0
        for column, label in enumerate(self.classes):
            own = targets == label
            area = self.area(*cumulative_counts(values[:, column], own))
            if not math.isnan(area):
                weight = float(own.sum()) if self.weighted else 1.0
                total, weights = total + weight * area, weights + weight
        return total / weights if weights else self.undefined
