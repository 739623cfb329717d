"""Torch modules of the losses that look at margins and at hard rows. They know nothing of the zoo.

Targets are class indices `(batch,)` int64, or probabilities `(batch, classes)`.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from zoo_textbook.modules import Weighted, as_distribution


class MultiHinge(Weighted):
    """The hinge loss of scores `(batch, classes)`, or of one output `(batch, 1)` for two classes.

    Soft targets give the mean of the hinge of each class, weighed by its probability.
    """

    def __init__(self, class_weights: Tensor | None = None, *, margin: float, squared: bool) -> None:
        super().__init__(class_weights)
        self.margin, self.squared = margin, squared

    def forward(self, scores: Tensor, targets: Tensor) -> Tensor:
        one = scores.shape[1] == 1
        behind = torch.cat([scores, -scores], dim=1) if one else _best_other(scores) - scores  # (batch, classes)
        each = (behind + self.margin).clamp(min=0)
        each = each.square() if self.squared else each
        target = as_distribution(targets, each.shape[1], scores.dtype)
        return self.mean((each * target).sum(dim=1), target)


def _best_other(scores: Tensor) -> Tensor:
    """For each class the largest score of any other `(batch, classes)`."""
    top = scores.topk(2, dim=1).values  # (batch, 2)
    first = functional.one_hot(scores.argmax(dim=1), scores.shape[1]).bool()
    return torch.where(first, top[:, 1:], top[:, :1])


class Focal(Weighted):
    """Cross-entropy of logits `(batch, classes)` in which a class counts by (1 - p)^gamma."""

    def __init__(self, class_weights: Tensor | None = None, *, gamma: float) -> None:
        super().__init__(class_weights)
        self.gamma = gamma

    def forward(self, scores: Tensor, targets: Tensor) -> Tensor:
        logs = functional.log_softmax(scores, dim=1)
        # 1 - p, kept off 0: there the derivative of a power below 1 is infinite
        rest = (-torch.expm1(logs)).clamp(min=torch.finfo(scores.dtype).tiny)
        target = as_distribution(targets, scores.shape[1], scores.dtype)
        return self.mean(-(target * rest.pow(self.gamma) * logs).sum(dim=1), target)


class OneHotHuber(Weighted):
    """The Huber loss of scores `(batch, classes)` and the one-hot vectors of the targets."""

    def __init__(self, class_weights: Tensor | None = None, *, delta: float) -> None:
        super().__init__(class_weights)
        self.delta = delta

    def forward(self, scores: Tensor, targets: Tensor) -> Tensor:
        target = as_distribution(targets, scores.shape[1], scores.dtype)
        each = functional.huber_loss(scores, target, reduction="none", delta=self.delta)
        return self.mean(each.mean(dim=1), target)
