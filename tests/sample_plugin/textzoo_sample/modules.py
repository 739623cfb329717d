"""The torch modules: plain, and usable alone."""

from __future__ import annotations

from torch import Tensor, nn

from zoo_core.features import Bag
from zoo_core.layers import BagLinear


class SquaredHingeModule(nn.Module):
    """max(0, margin - y·x)² of one output `(batch, 1)`; targets `(batch,)` or `(batch, 2)`."""

    def __init__(self, margin: float, class_weights: Tensor | None) -> None:
        super().__init__()
        self.margin = margin
        self.register_buffer("class_weights", class_weights, persistent=False)

    def forward(self, scores: Tensor, targets: Tensor) -> Tensor:
        positive = (targets[:, 1] if targets.ndim == 2 else targets).to(scores.dtype)  # (batch,)
        values = scores.reshape(-1)
        up = (self.margin - values).clamp(min=0).square()
        down = (self.margin + values).clamp(min=0).square()
        if self.class_weights is None:
            return (positive * up + (1 - positive) * down).mean()
        negative_weight, positive_weight = self.class_weights.to(scores.dtype)
        total = (positive * positive_weight + (1 - positive) * negative_weight).sum()
        return (positive * positive_weight * up + (1 - positive) * negative_weight * down).sum() / total


class LowRankModule(nn.Module):
    """A Bag → `(batch, rank)` → `(batch, outputs)`."""

    def __init__(self, num_features: int, rank: int, num_outputs: int, activation: nn.Module) -> None:
        super().__init__()
        self.waist = BagLinear(num_features, rank, bias=False)
        self.activation = activation
        self.top = nn.Linear(rank, num_outputs)

    def forward(self, bag: Bag) -> Tensor:
        scores: Tensor = self.top(self.activation(self.waist(bag)))
        return scores
