"""Precision, recall and F1 of each class, from counts. All in float64."""

from __future__ import annotations

import torch
from attrs import frozen
from torch import Tensor

from zoo_core.components.head import Head


@frozen(eq=False)
class ClassCounts:
    """Counts `(classes,)` float64: rows of a class that were predicted correctly, predicted rows, and actual rows."""

    hits: Tensor
    predicted: Tensor
    actual: Tensor

    @classmethod
    def from_labels(cls, predicted: Tensor, targets: Tensor, num_classes: int) -> ClassCounts:
        """The counts of predicted and true class indices `(rows,)`."""
        predicted, targets = predicted.cpu(), targets.cpu()
        hits = torch.bincount(targets, weights=(predicted == targets).double(), minlength=num_classes)
        return cls(hits, *(torch.bincount(labels, minlength=num_classes).double() for labels in (predicted, targets)))

    @classmethod
    def from_matrices(cls, predicted: Tensor, targets: Tensor, axis: int = 0) -> ClassCounts:
        """The counts of predicted and true labels, bool `(rows, classes)`; of each row along axis 1."""
        columns = (predicted & targets, predicted, targets)
        return cls(*(column.cpu().sum(dim=axis).double() for column in columns))

    @classmethod
    def of_head(cls, head: Head, predicted: Tensor, targets: Tensor) -> ClassCounts:
        """The counts of predicted and true labels of the type of targets of a head."""
        classes = len(head.classes)
        return cls.from_matrices(head.form.memberships(predicted, classes), head.form.memberships(targets, classes))

    def __add__(self, other: ClassCounts) -> ClassCounts:
        return ClassCounts(self.hits + other.hits, self.predicted + other.predicted, self.actual + other.actual)

    def micro(self) -> ClassCounts:
        """The counts of all classes together `(1,)`, for micro averages."""
        return ClassCounts(self.hits.sum(0, True), self.predicted.sum(0, True), self.actual.sum(0, True))

    def occurring(self) -> Tensor:
        """1 for each class that has actual or predicted rows, else 0."""
        return (self.predicted + self.actual > 0).double()

    def precision(self) -> Tensor:
        """TP / (TP + FP); 0 for a class that was never predicted."""
        return self.hits / self.predicted.clamp(min=1)

    def recall(self) -> Tensor:
        """TP / (TP + FN); 0 for a class without rows."""
        return self.hits / self.actual.clamp(min=1)

    def f1(self) -> Tensor:
        """2·TP / (2·TP + FP + FN); 0 for a class that has neither actual nor predicted rows."""
        return 2 * self.hits / (self.predicted + self.actual).clamp(min=1)
