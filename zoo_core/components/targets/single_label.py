"""Targets of which each row has exactly one of the classes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from zoo_core.components.decisions.decision import Decision
from zoo_core.components.targets.form import MIN_PROBABILITY, Link, LinkedLoss, TargetForm, no_probabilities

SUM_TOLERANCE = 2e-3  # of the probabilities of a row
MAX_THRESHOLD = 1e12  # of one of several classes, of whose thresholds the ratios matter


class SingleLabel(TargetForm):
    """Each row has exactly one of the classes."""

    name = "single-label"
    decision = Decision()

    def labels(self, targets: Tensor) -> Tensor:
        """Class indices `(rows,)`; of probabilities `(rows, classes)` the likeliest class, the first of ties."""
        return targets.argmax(dim=1) if targets.ndim == 2 else targets

    def memberships(self, labels: Tensor, classes: int) -> Tensor:
        return functional.one_hot(labels, classes).bool()

    def threshold_problem(self, classes: int) -> str:
        return "" if classes == 2 else "a threshold needs two classes and a loss that gives probabilities"

    def decision_of_threshold(self, threshold: float, classes: int) -> Decision:
        return Decision.of_threshold(threshold)

    def is_threshold(self, value: float) -> bool:
        return 0 < value < MAX_THRESHOLD

    def decision_of_thresholds(self, thresholds: Sequence[float]) -> Decision:
        total = math.fsum(thresholds)
        return Decision(tuple(value / total for value in thresholds))

    def matrix_problem(self, targets: Tensor) -> str:
        is_valid = bool((targets >= 0).all()) and bool(((targets.sum(dim=1) - 1).abs() < SUM_TOLERANCE).all())
        return "" if is_valid else "the targets are not probabilities of the classes"

    def are_probabilities(self, targets: Tensor) -> bool:
        return targets.ndim == 2

    def right_probabilities(self, probabilities: Tensor, labels: Tensor) -> Tensor:
        return probabilities.gather(1, labels.unsqueeze(1))

    def surplus_confidence(self, probabilities: Tensor, labels: Tensor) -> float:
        likeliest, predicted = probabilities.max(dim=1)
        return float(likeliest.mean()) - float((predicted == labels).double().mean())

    def num_answers(self, classes: int) -> int:
        return classes

    def is_correct(self, predicted: Tensor, labels: Tensor) -> Tensor:
        return predicted == labels

    def row_codes(self, labels: Tensor) -> Tensor:
        return labels

    def describe(self, labels: Tensor, classes: Sequence[str]) -> str:
        return classes[int(labels)]

    def leading_class(self, predicted: Tensor, values: Tensor) -> Tensor:
        return predicted

    def wrong_answers(self, predicted: Tensor, labels: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        return predicted, values.gather(1, predicted.unsqueeze(1)).squeeze(1)

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
        raise no_probabilities()

    def log_probabilities(self, link: Link, scores: Tensor) -> Tensor:
        if link == "softmax":
            return torch.log_softmax(scores, dim=1)
        if link == "sigmoid":
            return functional.logsigmoid(torch.cat([-scores, scores], dim=1))
        return self.probabilities(link, scores).clamp(min=MIN_PROBABILITY).log()

    def class_scores(self, scores: Tensor) -> Tensor:
        return torch.cat([-scores, scores], dim=1) if scores.shape[1] == 1 else scores
