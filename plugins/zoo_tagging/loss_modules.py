"""Torch modules of the losses of several labels a text, usable without the rest of the zoo."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo_core.components.loss_inputs import label_matrices


class Asymmetric(nn.Module):
    """The asymmetric loss of logits and targets from 0 to 1, both `(batch, classes)`."""

    positive_weights: Tensor | None

    def __init__(
        self,
        positive_weights: Tensor | None = None,
        *,
        gamma_positive: float = 0.0,
        gamma_negative: float = 4.0,
        margin: float = 0.05,
    ) -> None:
        super().__init__()
        self.register_buffer("positive_weights", positive_weights, persistent=False)
        self.gamma_positive, self.gamma_negative, self.margin = gamma_positive, gamma_negative, margin

    def forward(self, scores: Tensor, targets: Tensor) -> Tensor:
        scores, targets = label_matrices(scores, targets)
        having = functional.softplus(-scores)
        if self.gamma_positive:
            having = having * _positive(torch.sigmoid(-scores)).pow(self.gamma_positive)
        if self.positive_weights is not None:
            having = having * self.positive_weights.to(scores.dtype)
        return torch.lerp(self.lacking(scores), having, targets).mean()

    def lacking(self, scores: Tensor) -> Tensor:
        """The loss of each label `(batch, classes)` for a text that lacks it."""
        if not self.margin:
            losses, shifted = functional.softplus(scores), torch.sigmoid(scores)
        else:
            shifted = (torch.sigmoid(scores) - self.margin).clamp(min=0)
            losses = -torch.log1p(-shifted)
        return losses * _positive(shifted).pow(self.gamma_negative) if self.gamma_negative else losses


def _positive(values: Tensor) -> Tensor:
    """Values kept away from 0, where the derivative of a power below 1 is infinite."""
    return values.clamp(min=torch.finfo(values.dtype).tiny)
