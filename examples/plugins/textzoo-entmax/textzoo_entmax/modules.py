"""Torch module of the loss, usable without textzoo."""

from __future__ import annotations

import entmax
from torch import Tensor, nn


class FenchelYoung(nn.Module):
    """The loss of a mapping: scores `(batch, classes)`, targets `(batch,)` or `(batch, classes)`."""

    class_weights: Tensor | None

    def __init__(self, mapping: str, class_weights: Tensor | None) -> None:
        super().__init__()
        self.mapping, self.alpha = getattr(entmax, mapping), {"sparsemax": 2.0, "entmax15": 1.5}[mapping]
        self.register_buffer("class_weights", class_weights, persistent=False)

    def forward(self, scores: Tensor, targets: Tensor) -> Tensor:
        y = targets.to(scores) if targets.ndim == 2 else nn.functional.one_hot(targets, scores.shape[1]).to(scores)
        p = self.mapping(scores.detach(), dim=1)  # detached, so that the gradient is p - y
        negative_entropies = [q.clamp(min=0).pow(self.alpha).sum(1) / (self.alpha * (self.alpha - 1)) for q in (y, p)]
        rows = ((p - y) * scores).sum(1) + negative_entropies[0] - negative_entropies[1]  # (batch,)
        weights = 1 if self.class_weights is None else y @ self.class_weights.to(scores)
        mean: Tensor = (rows * weights).sum() / (rows * 0 + weights).sum()
        return mean
