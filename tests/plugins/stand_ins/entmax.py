"""Stand-in for the package entmax: what the example plugin uses of it, by the formulas of the papers."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def sparsemax(scores: Tensor, dim: int = -1) -> Tensor:
    """Project scores onto the simplex (Martins & Astudillo 2016)."""
    scores = scores - scores.max(dim=dim, keepdim=True).values
    ordered = scores.sort(dim=dim, descending=True).values
    rank = _ranks(scores, dim)
    is_support = 1 + rank * ordered > ordered.cumsum(dim)
    size = is_support.sum(dim=dim, keepdim=True)
    threshold = ((ordered * is_support).sum(dim=dim, keepdim=True) - 1) / size
    return (scores - threshold).clamp(min=0)


def entmax15(scores: Tensor, dim: int = -1) -> Tensor:
    """Return the 1.5-entmax of scores (Peters et al. 2019, algorithm 2)."""
    scores = (scores - scores.max(dim=dim, keepdim=True).values) / 2
    ordered = scores.sort(dim=dim, descending=True).values
    rank = _ranks(scores, dim)
    mean, mean_square = ordered.cumsum(dim) / rank, ordered.square().cumsum(dim) / rank
    delta = ((1 - rank * (mean_square - mean.square())) / rank).clamp(min=0)
    thresholds = mean - torch.where(delta > 0, delta, 1).sqrt() * (delta > 0)
    size = (thresholds <= ordered).sum(dim=dim, keepdim=True)
    return (scores - thresholds.gather(dim, size - 1)).clamp(min=0).square()


def _ranks(scores: Tensor, dim: int) -> Tensor:
    shape = [1] * scores.ndim
    shape[dim] = -1
    return torch.arange(1, scores.shape[dim] + 1, dtype=scores.dtype, device=scores.device).view(shape)


class Sparsemax(nn.Module):
    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, scores: Tensor) -> Tensor:
        return sparsemax(scores, self.dim)


class Entmax15(Sparsemax):
    def forward(self, scores: Tensor) -> Tensor:
        return entmax15(scores, self.dim)


class SparsemaxLoss(nn.Module):
    """Fenchel-Young loss of scores `(batch, classes)` and class indices `(batch,)`."""

    alpha = 2.0
    mapping = staticmethod(sparsemax)

    def __init__(self, reduction: str = "elementwise_mean") -> None:
        super().__init__()
        assert reduction == "elementwise_mean"

    def forward(self, scores: Tensor, targets: Tensor) -> Tensor:
        p = self.mapping(scores.detach(), dim=1)
        entropy = (1 - p.pow(self.alpha).sum(dim=1)) / (self.alpha * (self.alpha - 1))
        difference = p - nn.functional.one_hot(targets, scores.shape[1])
        return (entropy + (difference * scores).sum(dim=1)).mean()


class Entmax15Loss(SparsemaxLoss):
    alpha = 1.5
    mapping = staticmethod(entmax15)
