"""Torch modules of the losses hinge, focal and huber, usable without the rest of the zoo.

They take the forms of targets that `zoo_core.components.loss_inputs` lists.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from zoo_textbook.modules import WeightedLoss, to_probabilities


class MultiHinge(WeightedLoss):
    """Hinge loss of scores `(batch, classes)`, or of one output `(batch, 1)` for two classes.

    For soft targets it is the mean of the hinge losses of the classes, weighted by their probabilities.
    """

    single_output = "class 1"

    def __init__(self, class_weights: Tensor | None = None, *, margin: float, squared: bool) -> None:
        super().__init__(class_weights)
        self.margin, self.squared = margin, squared

    def loss(self, scores: Tensor, targets: Tensor) -> Tensor:
        is_single = scores.shape[1] == 1
        lag = (
            torch.cat([scores, -scores], dim=1) if is_single else _best_other_score(scores) - scores
        )  # (batch, classes)
        class_losses = (lag + self.margin).clamp(min=0)
        class_losses = class_losses.square() if self.squared else class_losses
        target = to_probabilities(targets, class_losses.shape[1], scores.dtype)
        return self.mean((class_losses * target).sum(dim=1), target)


def _best_other_score(scores: Tensor) -> Tensor:
    """Return, for each class, the largest score of the other classes `(batch, classes)`."""
    top = scores.topk(2, dim=1)  # (batch, 2); of ties, not always the first, which argmax gives
    is_best = functional.one_hot(top.indices[:, 0], scores.shape[1]).bool()
    return torch.where(is_best, top.values[:, 1:], top.values[:, :1])


class Focal(WeightedLoss):
    """Cross-entropy of logits `(batch, classes)` in which a class counts by (1 - p)^gamma."""

    def __init__(self, class_weights: Tensor | None = None, *, gamma: float) -> None:
        super().__init__(class_weights)
        self.gamma = gamma

    def loss(self, scores: Tensor, targets: Tensor) -> Tensor:
        log_probabilities = functional.log_softmax(scores, dim=1)
        # 1 - p, clamped away from 0, where the derivative of a power below 1 is infinite
        complement = (-torch.expm1(log_probabilities)).clamp(min=torch.finfo(scores.dtype).tiny)
        target = to_probabilities(targets, scores.shape[1], scores.dtype)
        return self.mean(-(target * complement.pow(self.gamma) * log_probabilities).sum(dim=1), target)


class OneHotHuber(WeightedLoss):
    """Huber loss between scores `(batch, classes)` and the one-hot vectors of the targets."""

    single_output = "number"

    def __init__(self, class_weights: Tensor | None = None, *, delta: float) -> None:
        super().__init__(class_weights)
        self.delta = delta

    def loss(self, scores: Tensor, targets: Tensor) -> Tensor:
        target = to_probabilities(targets, scores.shape[1], scores.dtype)
        class_losses = functional.huber_loss(scores, target, reduction="none", delta=self.delta)
        return self.mean(class_losses.mean(dim=1), target)
