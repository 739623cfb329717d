"""Measures in plain torch: exact counts, whatever the batches."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


class Confusion:
    """A confusion matrix `(classes, classes)`, target by prediction, and a figure of it."""

    def __init__(self, classes: int, figure: Callable[[Tensor], float]) -> None:
        self.classes = classes
        self.figure = figure
        self.counts = torch.zeros(classes * classes, dtype=torch.int64)

    def update(self, predicted: Tensor, targets: Tensor) -> None:
        pairs = (targets * self.classes + predicted).cpu()
        self.counts = self.counts + torch.bincount(pairs, minlength=self.classes**2)

    def compute(self) -> float:
        return self.figure(self.counts.view(self.classes, self.classes).double())


def f1(matrix: Tensor, *, macro: bool) -> float:
    """F1 of a confusion matrix: of class 1, or the mean over classes."""
    hits = matrix.diagonal()
    sizes = matrix.sum(dim=0) + matrix.sum(dim=1)  # 2·TP + FP + FN of each class
    each = torch.where(sizes > 0, 2 * hits / sizes.clamp(min=1), torch.zeros_like(sizes))
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
