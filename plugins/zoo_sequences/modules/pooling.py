"""One vector for a text from the vectors of its places: the last, the mean, the maximum, or attention."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

Pooling = Literal["last", "mean", "max", "attention"]


def places(lengths: Tensor, longest: int) -> Tensor:
    """Whether a place is before the end of its text: bool `(batch, longest)`."""
    return torch.arange(longest, device=lengths.device)[None, :] < lengths[:, None]


class Pool(nn.Module):
    """Vectors `(batch, length, size)` of texts with these lengths, at least 1, → `(batch, size)`; the rest is ignored.

    Attention is that of Yang et al. 2016: softmax over places of u·tanh(W·x + b).
    """

    def __init__(self, kind: Pooling, size: int) -> None:
        super().__init__()
        self.kind = kind
        if kind == "attention":
            self.hidden, self.context = nn.Linear(size, size), nn.Linear(size, 1, bias=False)

    def forward(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        if self.kind == "last":
            return vectors[torch.arange(len(vectors), device=vectors.device), lengths - 1]
        is_text = places(lengths, vectors.shape[1])[..., None]
        if self.kind == "mean":
            return vectors.masked_fill(~is_text, 0).sum(dim=1) / lengths[:, None]
        if self.kind == "max":
            return vectors.masked_fill(~is_text, -torch.inf).amax(dim=1)
        found: Tensor = self.context(torch.tanh(self.hidden(vectors)))  # (batch, length, 1)
        weights = found.masked_fill(~is_text, -torch.inf).softmax(dim=1)
        return (weights * vectors).sum(dim=1)
