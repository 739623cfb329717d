"""What follows from the type of the targets: exactly one class a row, or any number of labels a row.

Everything else that depends on the type asks `target_form`. Labels are class indices `(rows,)` int64, or a matrix
`(rows, classes)` bool."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Literal, Protocol

import torch
from torch import Tensor
from torch.nn import functional

from zoo_core.components.component import TargetType
from zoo_core.components.decisions.decision import Decision, LabelThresholds

__all__ = ["Link", "TargetForm", "target_form"]
Link = Literal["sigmoid", "softmax", "identity", "none", "own"]
MIN_PROBABILITY = 2.0**-64  # of a loss that gives probabilities itself, which may be 0
MIN_LOG_PROBABILITY = -10_000.0
SUM_TOLERANCE = 2e-3  # of the probabilities of a row
NO_LABELS = "no label"
MAX_SET_BITS = 52  # of a number that stands for a set of labels


class LinkedLoss(Protocol):
    """What the head of a model needs of a loss; see `Loss`."""

    @property
    def link(self) -> Link:
        """The link of exclusive classes."""

    def outputs(self, num_classes: int) -> int:
        """The outputs for exclusive classes."""


class TargetForm(ABC):
    """The operations on targets, labels and scores that differ between the types of targets.

    Attributes:
        name: The type of targets.
        decision: The rule that predicts labels from probabilities if none was chosen.
        has_thresholds: Whether that rule compares probabilities with a threshold for each label.
        confidence_name: What the confidence of a prediction is, for the axis of a plot.
    """

    name: ClassVar[TargetType]
    decision: ClassVar[Decision]
    has_thresholds: ClassVar[bool] = False
    confidence_name: ClassVar[str] = "probability of the predicted label"

    @abstractmethod
    def labels(self, targets: Tensor) -> Tensor:
        """The labels of the targets of a loss, which may be probabilities `(rows, classes)`."""

    @abstractmethod
    def memberships(self, labels: Tensor, classes: int) -> Tensor:
        """Whether each row belongs to each class, bool `(rows, classes)`."""

    @abstractmethod
    def matrix_problem(self, targets: Tensor) -> str:
        """What is wrong with targets `(rows, classes)` float32 of a file; "" if nothing is."""

    @abstractmethod
    def is_correct(self, predicted: Tensor, labels: Tensor) -> Tensor:
        """Whether the predicted labels of each row are all right, bool `(rows,)`."""

    @abstractmethod
    def row_codes(self, labels: Tensor) -> Tensor:
        """A number for the labels of each row, int64 `(rows,)`: rows with equal labels have equal ones."""

    @abstractmethod
    def describe(self, labels: Tensor, classes: Sequence[str]) -> str:
        """The names of the labels of one row."""

    @abstractmethod
    def class_rows(self, labels: Tensor, classes: int) -> Tensor:
        """The rows of each class, int64 `(classes,)`."""

    def best_constant(self, labels: Tensor) -> Tensor:
        """The most frequent labels of a row, the first of ties by class, repeated for each row, one or more."""
        codes, counts = self.row_codes(labels).unique(return_counts=True)
        row = int((self.row_codes(labels) == codes[counts.argmax()]).nonzero()[0])
        return labels[row].expand(labels.shape)

    @abstractmethod
    def outputs_and_link(self, loss: LinkedLoss, classes: int) -> tuple[int, Link]:
        """The outputs of a model that is trained with a loss, and the link from them to probabilities."""

    @abstractmethod
    def probabilities(self, link: Link, scores: Tensor) -> Tensor:
        """Scores `(batch, outputs)` → probabilities `(batch, classes)`; ValueError for a link that has none."""

    @abstractmethod
    def log_probabilities(self, link: Link, scores: Tensor) -> Tensor:
        """The logarithms of probabilities that sum to 1, along the last axis, of float64 scores.

        `(batch, classes)`; of labels by themselves `(batch, classes, 2)`, whose second one is of having the label.
        """

    @abstractmethod
    def class_scores(self, scores: Tensor) -> Tensor:
        """Scores `(batch, outputs)` → a score for each class `(batch, classes)`."""


class SingleLabel(TargetForm):
    """Each row has exactly one of the classes."""

    name = "single-label"
    decision = Decision()

    def labels(self, targets: Tensor) -> Tensor:
        """Class indices `(rows,)`; of probabilities `(rows, classes)` the likeliest class, the first of ties."""
        return targets.argmax(dim=1) if targets.ndim == 2 else targets

    def memberships(self, labels: Tensor, classes: int) -> Tensor:
        return functional.one_hot(labels, classes).bool()

    def matrix_problem(self, targets: Tensor) -> str:
        is_valid = bool((targets >= 0).all()) and bool(((targets.sum(dim=1) - 1).abs() < SUM_TOLERANCE).all())
        return "" if is_valid else "the targets are not probabilities of the classes"

    def is_correct(self, predicted: Tensor, labels: Tensor) -> Tensor:
        return predicted == labels

    def row_codes(self, labels: Tensor) -> Tensor:
        return labels

    def describe(self, labels: Tensor, classes: Sequence[str]) -> str:
        return classes[int(labels)]

    def class_rows(self, labels: Tensor, classes: int) -> Tensor:
        return torch.bincount(labels, minlength=classes)

    def outputs_and_link(self, loss: LinkedLoss, classes: int) -> tuple[int, Link]:
        return loss.outputs(classes), loss.link

    def probabilities(self, link: Link, scores: Tensor) -> Tensor:
        if link == "softmax":
            return torch.softmax(scores, dim=1)
        if link == "sigmoid":  # not 1 - p, which loses small probabilities
            return torch.cat([torch.sigmoid(-scores), torch.sigmoid(scores)], dim=1)
        if link == "identity":
            return torch.cat([1 - scores, scores], dim=1) if scores.shape[1] == 1 else scores
        raise _no_probabilities()

    def log_probabilities(self, link: Link, scores: Tensor) -> Tensor:
        if link == "softmax":
            return torch.log_softmax(scores, dim=1)
        if link == "sigmoid":
            return functional.logsigmoid(torch.cat([-scores, scores], dim=1))
        return self.probabilities(link, scores).clamp(min=MIN_PROBABILITY).log()

    def class_scores(self, scores: Tensor) -> Tensor:
        return torch.cat([-scores, scores], dim=1) if scores.shape[1] == 1 else scores


class MultiLabel(TargetForm):
    """Each row has any number of the classes as its labels; each class has an output, and a probability of its own."""

    name = "multi-label"
    decision = LabelThresholds()
    has_thresholds = True
    confidence_name = "probability of a label"

    def labels(self, targets: Tensor) -> Tensor:
        """Whether each row has each label, bool `(rows, classes)`, of targets from 0 to 1."""
        return targets if targets.dtype == torch.bool else targets >= 0.5

    def memberships(self, labels: Tensor, classes: int) -> Tensor:
        return labels

    def matrix_problem(self, targets: Tensor) -> str:
        is_valid = bool(((targets == 0) | (targets == 1)).all())
        return "" if is_valid else "the targets are not 0 or 1 for each label"

    def is_correct(self, predicted: Tensor, labels: Tensor) -> Tensor:
        return (predicted == labels).all(dim=1)

    def row_codes(self, labels: Tensor) -> Tensor:
        if labels.shape[1] > MAX_SET_BITS:
            codes: Tensor = labels.unique(dim=0, return_inverse=True)[1]
            return codes.reshape(-1)
        powers: Tensor = 2 ** torch.arange(labels.shape[1], device=labels.device)
        return (labels * powers).sum(dim=1)

    def describe(self, labels: Tensor, classes: Sequence[str]) -> str:
        names = [classes[index] for index in labels.nonzero().flatten().tolist()]
        return ", ".join(names) or NO_LABELS

    def class_rows(self, labels: Tensor, classes: int) -> Tensor:
        return labels.sum(dim=0)

    def outputs_and_link(self, loss: LinkedLoss, classes: int) -> tuple[int, Link]:
        return classes, "sigmoid" if loss.link == "softmax" else loss.link  # the softmax of having a label or not

    def probabilities(self, link: Link, scores: Tensor) -> Tensor:
        if link == "sigmoid":
            return torch.sigmoid(scores)
        if link == "identity":
            return scores
        raise _no_probabilities()

    def log_probabilities(self, link: Link, scores: Tensor) -> Tensor:
        if link == "sigmoid":
            return functional.logsigmoid(torch.stack([-scores, scores], dim=2))
        probabilities = self.probabilities(link, scores)
        return torch.stack([1 - probabilities, probabilities], dim=2).clamp(min=MIN_PROBABILITY).log()

    def class_scores(self, scores: Tensor) -> Tensor:
        return scores


def _no_probabilities() -> ValueError:
    return ValueError("scores cannot be converted to probabilities: the loss has no link")


_FORMS: dict[TargetType, TargetForm] = {form.name: form for form in (SingleLabel(), MultiLabel())}


def target_form(targets: TargetType) -> TargetForm:
    """The operations of a type of targets."""
    return _FORMS[targets]
