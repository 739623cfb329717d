"""Torch modules of the losses."""

from __future__ import annotations

from torch import Tensor, nn


class SquaredHingeModule(nn.Module):
    """max(0, margin - y·x)² of one output `(batch, 1)`; targets `(batch,)` or `(batch, 2)`."""

    class_weights: Tensor | None

    def __init__(self, margin: float, class_weights: Tensor | None) -> None:
        super().__init__()
        self.margin = margin
        self.register_buffer("class_weights", class_weights, persistent=False)

    def forward(self, scores: Tensor, targets: Tensor) -> Tensor:
        positive = (targets[:, 1] if targets.ndim == 2 else targets).to(scores.dtype)  # (batch,)
        values = scores.reshape(-1)
        positive_loss = (self.margin - values).clamp(min=0).square()
        negative_loss = (self.margin + values).clamp(min=0).square()
        if self.class_weights is None:
            mean: Tensor = (positive * positive_loss + (1 - positive) * negative_loss).mean()
            return mean
        negative_weight, positive_weight = self.class_weights.to(scores.dtype)
        positive, negative = positive * positive_weight, (1 - positive) * negative_weight
        weighted: Tensor = (positive * positive_loss + negative * negative_loss).sum() / (positive + negative).sum()
        return weighted
