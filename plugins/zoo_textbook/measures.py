"""Measures in plain torch: exact counts, whatever the batches."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


class Hits:
    """How many rows of each class there are, are predicted, and both; and a figure of these, float64 `(classes,)`."""

    def __init__(self, classes: int, figure: Callable[[Tensor, Tensor, Tensor], float]) -> None:
        self.classes = classes
        self.figure = figure
        self.hits, self.predicted, self.actual = (torch.zeros(classes, dtype=torch.int64) for _ in range(3))

    def update(self, predicted: Tensor, targets: Tensor) -> None:
        predicted, targets = predicted.cpu(), targets.cpu()
        self.hits = self.hits + self.counted(targets[predicted == targets])
        self.predicted = self.predicted + self.counted(predicted)
        self.actual = self.actual + self.counted(targets)

    def counted(self, labels: Tensor) -> Tensor:
        """How often each class stands among labels."""
        return torch.bincount(labels, minlength=self.classes)

    def compute(self) -> float:
        return self.figure(self.hits.double(), self.predicted.double(), self.actual.double())


def accuracy(hits: Tensor, _predicted: Tensor, actual: Tensor) -> float:
    """The share of all rows that are hits."""
    return float(hits.sum() / actual.sum().clamp(min=1))


def f1(hits: Tensor, predicted: Tensor, actual: Tensor, *, macro: bool) -> float:
    """F1 of class 1, or the mean over the classes that occur."""
    sizes = predicted + actual  # 2·TP + FP + FN of each class
    each = 2 * hits / sizes.clamp(min=1)
    seen = sizes > 0
    return float(each[seen].mean()) if macro and seen.any() else float(each[1])


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
