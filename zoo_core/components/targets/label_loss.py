"""The torch module of a loss of multi-label targets, a base for those of plugins."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from zoo_core.components.loss_inputs import label_matrices


class LabelLoss(nn.Module):
    """A loss of each label by itself: scores and targets `(batch, classes)` → the mean over rows and labels.

    `positive_weights` `(classes,)` multiply the loss of a label for the rows that have it, as in torch. Subclasses
    define `losses`.
    """

    positive_weights: Tensor | None

    def __init__(self, positive_weights: Tensor | None = None) -> None:
        super().__init__()
        self.register_buffer("positive_weights", positive_weights, persistent=False)

    def forward(self, scores: Tensor, targets: Tensor) -> Tensor:
        scores, targets = label_matrices(scores, targets)
        having, lacking = self.losses(scores)
        if self.positive_weights is not None:
            having = having * self.positive_weights.to(scores.dtype)
        return torch.lerp(lacking, having, targets).mean()

    def losses(self, scores: Tensor) -> tuple[Tensor, Tensor]:
        """Return the loss of each score for having and for lacking its label, each `(batch, classes)`."""
        raise NotImplementedError
