"""Precision, recall and F1 of each class, from counts. All in float64."""

from __future__ import annotations

import torch
from attrs import frozen
from torch import Tensor


@frozen(eq=False)
class ClassCounts:
    """How many rows of each class were predicted rightly, were predicted, and there are: `(classes,)` float64 each."""

    hits: Tensor
    predicted: Tensor
    actual: Tensor

    @classmethod
    def from_labels(cls, predicted: Tensor, targets: Tensor, classes: int) -> ClassCounts:
        """The tally of class indices `(rows,)` predicted, and true."""
        predicted, targets = predicted.cpu(), targets.cpu()
        hits = torch.bincount(targets, weights=(predicted == targets).double(), minlength=classes)
        return cls(hits, *(torch.bincount(column, minlength=classes).double() for column in (predicted, targets)))

    def __add__(self, other: ClassCounts) -> ClassCounts:
        return ClassCounts(self.hits + other.hits, self.predicted + other.predicted, self.actual + other.actual)

    def micro(self) -> ClassCounts:
        """All classes as one."""
        return ClassCounts(self.hits.sum(0, True), self.predicted.sum(0, True), self.actual.sum(0, True))

    def occurring(self) -> Tensor:
        """Which classes occur, among the rows or among what was predicted: 1 or 0."""
        return (self.predicted + self.actual > 0).double()

    def precision(self) -> Tensor:
        """TP / (TP + FP); 0 for a class that was never predicted."""
        return self.hits / self.predicted.clamp(min=1)

    def recall(self) -> Tensor:
        """TP / (TP + FN); 0 for a class without a row."""
        return self.hits / self.actual.clamp(min=1)

    def f1(self) -> Tensor:
        """2·TP / (2·TP + FP + FN); 0 for a class that neither occurs nor was predicted."""
        return 2 * self.hits / (self.predicted + self.actual).clamp(min=1)
