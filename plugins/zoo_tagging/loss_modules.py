"""Torch modules of the losses of several labels a text, usable without the rest of the zoo."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from zoo_core.components.targets.label_loss import LabelLoss


class Asymmetric(LabelLoss):
    """The asymmetric loss of logits and targets from 0 to 1, both `(batch, classes)`."""

    def __init__(
        self,
        positive_weights: Tensor | None = None,
        *,
        gamma_positive: float = 0.0,
        gamma_negative: float = 4.0,
        margin: float = 0.05,
    ) -> None:
        super().__init__(positive_weights)
        self.gamma_positive, self.gamma_negative, self.margin = gamma_positive, gamma_negative, margin

    def losses(self, scores: Tensor) -> tuple[Tensor, Tensor]:
        having, complement = functional.softplus(-scores), torch.sigmoid(-scores)
        if self.margin:
            shifted = (torch.sigmoid(scores) - self.margin).clamp(min=0)
            lacking = -torch.log1p(-shifted)
        else:
            lacking, shifted = functional.softplus(scores), torch.sigmoid(scores)
        return _focused(having, complement, self.gamma_positive), _focused(lacking, shifted, self.gamma_negative)


def _focused(losses: Tensor, probabilities: Tensor, gamma: float) -> Tensor:
    """Losses times the probabilities of what is wrong to the power of gamma.

    Probabilities are kept away from 0, where the derivative of a power below 1 is infinite.
    """
    least = torch.finfo(probabilities.dtype).tiny
    return losses * probabilities.clamp(min=least).pow(gamma) if gamma else losses
