"""Layers with a Bag as input: plain torch modules, usable without the rest of the zoo."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from zoo_core.errors import DataError
from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense

__all__ = ["BagLinear", "bag_sum", "to_bag"]
MAX_COLUMNWISE_OUTPUTS = 7  # outputs up to which the gradient of a weight is computed per column
MIN_EMBEDDING_BAG_OUTPUTS = 64  # outputs from which the backward of torch is as fast and takes less memory
COMPLEX_PARTS = (torch.float32, torch.float64)  # two of them make a complex number


class BagLinear(nn.Module):
    """y = x Wᵀ + b for a ragged bag x: the result of `nn.Linear` on the dense vector, without that vector.

    The weight is stored as `(features, outputs)`, so that a bag gathers whole rows of it. It is initialized like
    `nn.Linear`, uniformly within 1/√features. Input: a Bag or a Dense matrix of n rows, or a tensor `(n, features)`;
    output `(n, outputs)`.
    """

    def __init__(self, num_features: int, num_outputs: int, *, bias: bool = True) -> None:
        super().__init__()
        bound = 1 / math.sqrt(max(num_features, 1))
        self.weight = nn.Parameter(torch.empty(num_features, num_outputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(num_outputs).uniform_(-bound, bound)) if bias else None

    def forward(self, features: Bag | Dense | Tensor) -> Tensor:
        if isinstance(features, Bag):
            sums = bag_sum(features, self.weight)  # (batch, outputs)
        else:
            values = features.values if isinstance(features, Dense) else check_rows(features, self.weight)
            sums = values @ self.weight
        return sums if self.bias is None else sums + self.bias

    def extra_repr(self) -> str:
        """The sizes, as `nn.Linear` shows them."""
        num_features, num_outputs = self.weight.shape
        return f"num_features={num_features}, num_outputs={num_outputs}, bias={self.bias is not None}"

    @classmethod
    def from_linear(cls, linear: nn.Linear) -> BagLinear:
        """Copy the weight and bias of an `nn.Linear`."""
        layer = cls(linear.in_features, linear.out_features, bias=linear.bias is not None)
        with torch.no_grad():
            layer.weight.copy_(linear.weight.T)
            if layer.bias is not None:
                layer.bias.copy_(linear.bias)
        return layer

    def to_linear(self) -> nn.Linear:
        """An `nn.Linear` with the same weight and bias."""
        linear = nn.Linear(self.weight.shape[0], self.weight.shape[1], bias=self.bias is not None)
        with torch.no_grad():
            linear.weight.copy_(self.weight.T)
            if self.bias is not None:
                linear.bias.copy_(self.bias)
        return linear


def check_rows(features: Tensor, weight: Tensor) -> Tensor:
    """A plain tensor of features `(batch, features)` for a weight `(features, outputs)`; DataError if it does not fit.

    The type must be that of the weight, as for `nn.Linear`.
    """
    if not isinstance(features, Tensor):
        hint = "torch.tensor(features, dtype=torch.float32)" if _is_array(features) else ""
        raise DataError(
            f"features: got {type(features).__name__}, expected a tensor, a Bag or a Dense matrix", hint=hint
        )
    shape, width = tuple(features.shape), weight.shape[0]
    if len(shape) != 2 or shape[1] != width:
        hint = "features.unsqueeze(0) is a batch of one row" if shape == (width,) else ""
        raise DataError(f"features: got the shape {shape}, expected (batch, {width})", hint=hint)
    if features.dtype != weight.dtype:
        got, expected = (str(tensor.dtype).removeprefix("torch.") for tensor in (features, weight))
        raise DataError(
            f"features: got numbers of type {got}, expected {expected}", hint=f"features.to(torch.{expected})"
        )
    if features.device != weight.device:
        raise DataError(
            f"features: got a tensor on {features.device}, expected {weight.device} as for the model",
            hint=f'features.to("{weight.device}")',
        )
    return features


def _is_array(values: object) -> bool:
    return isinstance(values, Sequence) or hasattr(values, "__array__")


def to_bag(features: Bag | Tensor, weight: Tensor) -> Bag:
    """Features for a model that takes bags: a Bag unchanged, or a plain tensor `(batch, features)` as one.

    The entries of the Bag are the numbers that are not 0.
    """
    if isinstance(features, Bag):
        return features
    values = check_rows(features, weight)
    rows, ids = values.nonzero(as_tuple=True)
    lengths = torch.bincount(rows, minlength=len(values))
    offsets = torch.cat([lengths.new_zeros(1), lengths.cumsum(0)])
    return Bag(ids.to(torch.int32), offsets, values[rows, ids], values.shape[1])


def bag_sum(bag: Bag, weight: Tensor) -> Tensor:
    """Σ value · weight[id] over each row of a bag: `(rows, outputs)` for a weight `(features, outputs)`."""
    values = bag.unnormalized_weights
    values = None if values is None else values.to(weight.dtype)
    sum_rows = _BagSum.apply if weight.shape[1] < MIN_EMBEDDING_BAG_OUTPUTS else _embedding_bag
    sums = cast(Tensor, sum_rows(weight, values, bag.ids, bag.offsets))
    return sums if bag.norms is None else sums / bag.norms.to(weight.dtype).unsqueeze(1)


def _embedding_bag(weight: Tensor, values: Tensor | None, ids: Tensor, offsets: Tensor) -> Tensor:
    return nn.functional.embedding_bag(
        ids, weight, offsets.to(ids.dtype), mode="sum", per_sample_weights=values, include_last_offset=True
    )


class _BagSum(torch.autograd.Function):
    """`embedding_bag` with a backward several times faster: per column if there are few outputs, else per row."""

    @staticmethod
    def forward(ctx: Any, weight: Tensor, values: Tensor | None, ids: Tensor, offsets: Tensor) -> Tensor:
        ctx.save_for_backward(weight, values, ids, offsets)
        return _embedding_bag(weight, values, ids, offsets)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        weight, values, ids, offsets = ctx.saved_tensors
        lengths, outputs = offsets.diff(), weight.shape[1]
        entry_gradient = weight_gradient = values_gradient = None
        if ctx.needs_input_grad[1] or outputs > MAX_COLUMNWISE_OUTPUTS:
            entry_gradient = gradient.repeat_interleave(lengths, dim=0, output_size=len(ids))  # (entries, outputs)
        if ctx.needs_input_grad[0]:
            weight_gradient = torch.zeros_like(weight, memory_format=torch.contiguous_format)  # its columns are views
            if entry_gradient is not None and outputs > MAX_COLUMNWISE_OUTPUTS:
                scaled = entry_gradient if values is None else entry_gradient * values.unsqueeze(1)
                weight_gradient.scatter_add_(0, ids.long().unsqueeze(1).expand(-1, outputs), scaled)
            else:
                _add_by_column(weight_gradient, gradient, values, ids, lengths)
        if entry_gradient is not None and ctx.needs_input_grad[1]:
            values_gradient = (entry_gradient * weight[ids]).sum(dim=1)
        return weight_gradient, values_gradient, None, None


def _add_by_column(into: Tensor, gradient: Tensor, values: Tensor | None, ids: Tensor, lengths: Tensor) -> None:
    for target, column in zip(_columns(into), _columns(gradient), strict=True):
        entry_gradient = column.contiguous().repeat_interleave(lengths, output_size=len(ids))
        target.index_add_(0, ids, entry_gradient if values is None else entry_gradient * values)


def _columns(matrix: Tensor) -> tuple[Tensor, ...]:
    """The columns of a matrix as views; pairs of real columns as one complex column, if the number is even."""
    if matrix.shape[1] % 2 == 0 and matrix.dtype in COMPLEX_PARTS:
        matrix = torch.view_as_complex(matrix.contiguous().unflatten(1, (-1, 2)))
    return matrix.unbind(1)
