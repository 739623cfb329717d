"""Targets of which each row has any number of the classes as its labels."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from zoo_core.components.decisions.decision import Decision, LabelThresholds
from zoo_core.components.targets.form import MIN_PROBABILITY, Link, LinkedLoss, TargetForm, no_probabilities

NO_LABELS = "no label"
MAX_SET_BITS = 52  # of a number that stands for a set of labels


class MultiLabel(TargetForm):
    """Each row has any number of the classes as its labels; each class has an output, and a probability of its own."""

    name = "multi-label"
    decision = LabelThresholds()
    is_exclusive = False
    has_thresholds = True
    threshold_range = "a number from 0 to 1"
    confidence_name = "probability of a label"
    too_confident = "they are too near to 0 and 1"
    too_unsure = "they are too far from 0 and 1"

    def labels(self, targets: Tensor) -> Tensor:
        """Whether each row has each label, bool `(rows, classes)`, of targets from 0 to 1."""
        return targets if targets.dtype == torch.bool else targets >= 0.5

    def memberships(self, labels: Tensor, classes: int) -> Tensor:
        return labels

    def threshold_problem(self, classes: int) -> str:
        return ""

    def decision_of_threshold(self, threshold: float, classes: int) -> Decision:
        return self.decision if threshold == 0.5 else LabelThresholds((threshold,) * classes)

    def is_threshold(self, value: float) -> bool:
        return 0 <= value <= 1

    def decision_of_thresholds(self, thresholds: Sequence[float]) -> Decision:
        return LabelThresholds(tuple(thresholds))

    def matrix_problem(self, targets: Tensor) -> str:
        is_valid = bool(((targets == 0) | (targets == 1)).all())
        return "" if is_valid else "the targets are not 0 or 1 for each label"

    def are_probabilities(self, targets: Tensor) -> bool:
        return False

    def right_probabilities(self, probabilities: Tensor, labels: Tensor) -> Tensor:
        return torch.where(labels, probabilities, 1 - probabilities)

    def surplus_confidence(self, probabilities: Tensor, labels: Tensor) -> float:
        likeliest = torch.maximum(probabilities, 1 - probabilities)
        return float(likeliest.mean()) - float(((probabilities >= 0.5) == labels).double().mean())

    def num_answers(self, classes: int) -> int:
        return 2

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

    def leading_class(self, predicted: Tensor, values: Tensor) -> Tensor:
        return values.argmax(dim=1)

    def wrong_answers(self, predicted: Tensor, labels: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        errors, classes = ((values - labels.double()).abs() * (predicted != labels)).max(dim=1)
        return classes, errors

    def class_rows(self, labels: Tensor, classes: int) -> Tensor:
        return labels.sum(dim=0)

    def outputs_and_link(self, loss: LinkedLoss, classes: int) -> tuple[int, Link]:
        return classes, "sigmoid" if loss.link == "softmax" else loss.link  # the softmax of having a label or not

    def probabilities(self, link: Link, scores: Tensor) -> Tensor:
        if link == "sigmoid":
            return torch.sigmoid(scores)
        if link == "identity":
            return scores
        raise no_probabilities()

    def log_probabilities(self, link: Link, scores: Tensor) -> Tensor:
        if link == "sigmoid":
            return functional.logsigmoid(torch.stack([-scores, scores], dim=2))
        probabilities = self.probabilities(link, scores)
        return torch.stack([1 - probabilities, probabilities], dim=2).clamp(min=MIN_PROBABILITY).log()

    def class_scores(self, scores: Tensor) -> Tensor:
        return scores
