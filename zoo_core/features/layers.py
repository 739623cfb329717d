"""Layers that eat a Bag. Plain torch modules: import and use them alone."""

from __future__ import annotations

import math
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from zoo_core.features.bag import Bag

MAX_COLUMNWISE_OUTPUTS = 7  # outputs up to which a weight is taken back column by column
MIN_EMBEDDING_BAG_OUTPUTS = 64  # outputs from which torch's own way back is as fast, and takes less memory
PAIRED = (torch.float32, torch.float64)  # two of them are a complex number


class BagLinear(nn.Module):
    """y = x Wᵀ + b for a ragged bag x: the numbers of `nn.Linear` on the dense vector, without the vector.

    The weight is kept as `(features, outputs)`, so that a bag gathers whole rows of it; initialized as
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
    values = bag.undivided
    values = None if values is None else values.to(weight.dtype)
    found = _BagSum.apply if weight.shape[1] < MIN_EMBEDDING_BAG_OUTPUTS else _embedding_bag
    sums = cast(Tensor, found(weight, values, bag.ids, bag.offsets))
    return sums if bag.norms is None else sums / bag.norms.to(weight.dtype).unsqueeze(1)


def _embedding_bag(weight: Tensor, values: Tensor | None, ids: Tensor, offsets: Tensor) -> Tensor:
    return nn.functional.embedding_bag(
        ids, weight, offsets.to(ids.dtype), mode="sum", per_sample_weights=values, include_last_offset=True
    )


class _BagSum(torch.autograd.Function):
    """`embedding_bag` with another way back, several times faster: by columns where they are few, else by rows."""

    @staticmethod
    def forward(ctx: Any, weight: Tensor, values: Tensor | None, ids: Tensor, offsets: Tensor) -> Tensor:
        ctx.save_for_backward(weight, values, ids, offsets)
        return _embedding_bag(weight, values, ids, offsets)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        weight, values, ids, offsets = ctx.saved_tensors
        lengths, outputs = offsets.diff(), weight.shape[1]
        of_entry = to_weight = to_values = None
        if ctx.needs_input_grad[1] or outputs > MAX_COLUMNWISE_OUTPUTS:
            of_entry = gradient.repeat_interleave(lengths, dim=0, output_size=len(ids))  # (entries, outputs)
        if ctx.needs_input_grad[0]:
            to_weight = torch.zeros_like(weight, memory_format=torch.contiguous_format)  # its columns are views
            if of_entry is not None and outputs > MAX_COLUMNWISE_OUTPUTS:
                scaled = of_entry if values is None else of_entry * values.unsqueeze(1)
                to_weight.scatter_add_(0, ids.long().unsqueeze(1).expand(-1, outputs), scaled)
            else:
                _add_by_column(to_weight, gradient, values, ids, lengths)
        if of_entry is not None and ctx.needs_input_grad[1]:
            to_values = (of_entry * weight[ids]).sum(dim=1)
        return to_weight, to_values, None, None


def _add_by_column(into: Tensor, gradient: Tensor, values: Tensor | None, ids: Tensor, lengths: Tensor) -> None:
    for whole, column in zip(_columns(into), _columns(gradient), strict=True):
        of_entry = column.contiguous().repeat_interleave(lengths, output_size=len(ids))
        whole.index_add_(0, ids, of_entry if values is None else of_entry * values)


def _columns(matrix: Tensor) -> tuple[Tensor, ...]:
    """The columns of a matrix as views, two at a time as one of complex numbers where there are such."""
    if matrix.shape[1] % 2 == 0 and matrix.dtype in PAIRED:
        matrix = torch.view_as_complex(matrix.contiguous().unflatten(1, (-1, 2)))
    return matrix.unbind(1)
