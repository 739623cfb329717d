"""Torch modules of the losses of multi-label targets, usable without the rest of the zoo.

Scores and targets are `(batch, classes)`; a target is 1 for a label that the row has, else 0, or a probability.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from zoo_core.components.loss_inputs import check_probabilities, label_matrices
from zoo_core.components.targets.label_loss import LabelLoss


class LabelCrossEntropy(LabelLoss):
    """Binary cross-entropy of the logits of the labels."""

    def __init__(self, positive_weights: Tensor | None = None, *, smoothing: float = 0.0) -> None:
        super().__init__(positive_weights)
        self.smoothing = smoothing

    def forward(self, scores: Tensor, targets: Tensor) -> Tensor:
        scores, targets = label_matrices(scores, targets)
        expected = targets * (1 - self.smoothing) + self.smoothing / 2 if self.smoothing else targets
        weights = None if self.positive_weights is None else self.positive_weights.to(scores.dtype)
        return functional.binary_cross_entropy_with_logits(scores, expected, pos_weight=weights)


class LabelProbabilityCrossEntropy(LabelLoss):
    """Binary cross-entropy of the probabilities of the labels."""

    def losses(self, scores: Tensor) -> tuple[Tensor, Tensor]:
        if scores.device.type == "cpu" and bool(scores.isfinite().all()):  # NaN has its own error
            check_probabilities(scores, "scores", "give the model a sigmoid as output, or use bce-with-logits")
        having, lacking = (
            functional.binary_cross_entropy(scores, torch.full_like(scores, target), reduction="none")
            for target in (1.0, 0.0)
        )
        return having, lacking


class LabelFocal(LabelLoss):
    """Binary cross-entropy of logits in which a label counts by (1 - p)^gamma, p the probability of what is right."""

    def __init__(self, positive_weights: Tensor | None = None, *, gamma: float) -> None:
        super().__init__(positive_weights)
        self.gamma = gamma

    def losses(self, scores: Tensor) -> tuple[Tensor, Tensor]:
        least = torch.finfo(scores.dtype).tiny  # where the derivative of a power below 1 is finite
        having, lacking = (
            torch.sigmoid(-right).clamp(min=least).pow(self.gamma) * functional.softplus(-right)
            for right in (scores, -scores)
        )
        return having, lacking
