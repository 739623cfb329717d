"""Layers that eat a Bag. Plain torch modules: import and use them alone."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from zoo_core.features import Bag

NARROW = 16  # outputs from which embedding_bag is the faster way


class BagLinear(nn.Module):
    """y = x Wᵀ + b for a ragged bag x: the numbers of `nn.Linear` on the dense vector, without the vector.

    The weight is kept as `(features, outputs)`, so that a bag gathers whole rows of it; initialised as
    `nn.Linear` is, uniformly within 1/√features. Input: a Bag of n rows; output `(n, outputs)`.
    """

    def __init__(self, num_features: int, num_outputs: int, *, bias: bool = True) -> None:
        super().__init__()
        bound = 1 / math.sqrt(max(num_features, 1))
        self.weight = nn.Parameter(torch.empty(num_features, num_outputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(num_outputs).uniform_(-bound, bound)) if bias else None

    def forward(self, bag: Bag) -> Tensor:
        sums = bag_sum(bag, self.weight)  # (batch, outputs)
        return sums if self.bias is None else sums + self.bias

    @classmethod
    def from_linear(cls, linear: nn.Linear) -> BagLinear:
        """The same numbers as an `nn.Linear`'s."""
        made = cls(linear.in_features, linear.out_features, bias=linear.bias is not None)
        with torch.no_grad():
            made.weight.copy_(linear.weight.T)
            if made.bias is not None:
                made.bias.copy_(linear.bias)
        return made

    def to_linear(self) -> nn.Linear:
        """An `nn.Linear` with the same numbers."""
        linear = nn.Linear(self.weight.shape[0], self.weight.shape[1], bias=self.bias is not None)
        with torch.no_grad():
            linear.weight.copy_(self.weight.T)
            if self.bias is not None:
                linear.bias.copy_(self.bias)
        return linear


def bag_sum(bag: Bag, weight: Tensor) -> Tensor:
    """Σ value · weight[id] over each row of a bag: `(rows, outputs)` for a weight `(features, outputs)`."""
    features, outputs = weight.shape
    if outputs >= NARROW and bag.ids.is_cpu and weight.dtype == torch.float32:
        values = None if bag.weights is None else bag.weights.to(weight.dtype)
        offsets = bag.offsets.to(bag.ids.dtype)
        return nn.functional.embedding_bag(
            bag.ids, weight, offsets, mode="sum", per_sample_weights=values, include_last_offset=True
        )
    if outputs == 1:
        picked = weight.view(features).index_select(0, bag.ids)  # (entries,)
        picked = picked if bag.weights is None else picked * bag.weights.to(weight.dtype)
        sums = torch.segment_reduce(picked, "sum", offsets=bag.offsets, unsafe=True, initial=0)
        return sums.unsqueeze(1)
    picked = weight.index_select(0, bag.ids)  # (entries, outputs)
    picked = picked if bag.weights is None else picked * bag.weights.to(weight.dtype).unsqueeze(1)
    return torch.segment_reduce(picked, "sum", offsets=bag.offsets, axis=0, unsafe=True, initial=0)
