"""Bag layout: a text as the features it has and the weight of each."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from attrs import frozen
from torch import Tensor

from zoo_core.features.layout_names import Layout

__all__ = ["Bag"]


def ragged_indices(offsets: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """The positions of the entries of some ragged rows, and the offsets of a copy of these rows."""
    starts = offsets[rows]
    lengths = offsets[rows + 1] - starts
    new_offsets = torch.zeros(len(rows) + 1, dtype=torch.int64, device=offsets.device)
    torch.cumsum(lengths, 0, out=new_offsets[1:])
    total = int(new_offsets[-1])
    fits = total < 1 << 31 and int(offsets[-1]) < 1 << 31
    dtype = torch.int32 if fits else torch.int64  # int32 moves half the memory
    shifts = torch.repeat_interleave((starts - new_offsets[:-1]).to(dtype), lengths, output_size=total)
    return shifts.add_(torch.arange(total, dtype=dtype, device=offsets.device)), new_offsets


@frozen(eq=False)
class Bag:
    """A bag of features for each row, ragged: row `r` holds `ids[offsets[r]:offsets[r + 1]]`.

    `ids` is int32 `(entries,)`, `offsets` int64 `(rows + 1,)`, `weights` float `(entries,)` or None for ones,
    `width` the number of features. The collapsed one-hot vector of the textbook is a Bag.

    Weights are stored as factors, because a number for each feature and each row takes little memory beside one for
    each entry: the stored weight of the entry (float, or uint8 for small whole numbers), times the `scale` of its
    feature `(width,)`, divided by the `norms` of its row `(rows,)`. `weights` computes the products. `ids` may be
    stored as uint16 if the width allows; the property converts all of them to int32, so slice a large bag first.
    """

    _ids: Tensor
    offsets: Tensor
    _weights: Tensor | None
    width: int
    scale: Tensor | None = None
    norms: Tensor | None = None

    layout: ClassVar[Layout] = "bag"

    def __reduce__(self) -> tuple[Any, ...]:
        ids = self._ids.view(torch.int16) if self._ids.dtype == torch.uint16 else self._ids  # torch pickles no uint16
        return _restore_bag, (ids, self.offsets, self._weights, self.width, self.scale, self.norms)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def ids(self) -> Tensor:
        """The feature of each entry, int32 `(entries,)`."""
        return self._ids.to(torch.int32) if self._ids.dtype == torch.uint16 else self._ids

    @property
    def raw_ids(self) -> Tensor:
        """The feature of each entry as it is stored, uint16 or int32 `(entries,)`."""
        return self._ids

    @property
    def weights(self) -> Tensor | None:
        """The weight of each entry `(entries,)`, None if all are 1."""
        weights = self.unnormalized_weights
        if self.norms is not None:
            norms = torch.repeat_interleave(self.norms, self.lengths(), output_size=len(self._ids))
            weights = norms.reciprocal() if weights is None else weights / norms
        return weights

    @property
    def unnormalized_weights(self) -> Tensor | None:
        """The weight of each entry `(entries,)` before the division by the norm of its row, None if all are 1."""
        weights = self._weights
        if weights is not None and not weights.is_floating_point():
            weights = weights.float()
        if self.scale is not None:
            scale = self.scale.index_select(0, self.ids)
            weights = scale if weights is None else weights * scale
        return weights

    @property
    def raw_weights(self) -> Tensor | None:
        """The weight of each entry as it is stored, without scale and norms; None if all are 1."""
        return self._weights

    def to(self, device: torch.device | str) -> Bag:
        factors = (self._weights, self.scale, self.norms)
        weights, scale, norms = (None if factor is None else factor.to(device) for factor in factors)
        return Bag(self._ids.to(device), self.offsets.to(device), weights, self.width, scale, norms)

    def take(self, rows: Tensor) -> Bag:
        """Copy these rows `(n,)` int64, in this order, with a weight for each entry; norms stay a factor."""
        at, offsets = ragged_indices(self.offsets, rows)
        weights = None if self._weights is None else self._weights.index_select(0, at)
        norms = None if self.norms is None else self.norms.index_select(0, rows)
        taken = Bag(_select_ids(self._ids, at), offsets, weights, self.width, self.scale, norms)
        return Bag(taken.ids, offsets, taken.unnormalized_weights, self.width, None, norms)

    def slice(self, start: int, stop: int) -> Bag:
        offsets = self.offsets[start : stop + 1]
        first, last = int(offsets[0]), int(offsets[-1])
        weights = None if self._weights is None else self._weights[first:last]
        norms = None if self.norms is None else self.norms[start:stop]
        return Bag(self._ids[first:last], offsets - first, weights, self.width, self.scale, norms)

    def lengths(self) -> Tensor:
        return self.offsets.diff()

    def row_ids(self) -> Tensor:
        """The row of each entry `(entries,)`."""
        rows = torch.arange(len(self), device=self.offsets.device)
        return torch.repeat_interleave(rows, self.lengths(), output_size=len(self._ids))

    def weights_or_ones(self) -> Tensor:
        """The weight of each entry `(entries,)`, ones if the bag has no weights."""
        weights = self.weights
        return torch.ones(len(self._ids), device=self._ids.device) if weights is None else weights

    def to_dense(self) -> Tensor:
        """The same as a matrix `(rows, width)`: large, so only for models that need it and for tests."""
        weights = self.weights_or_ones()
        matrix = torch.zeros(len(self), self.width, dtype=weights.dtype, device=self._ids.device)
        return matrix.index_put((self.row_ids(), self.ids.long()), weights, accumulate=True)


def _select_ids(ids: Tensor, at: Tensor) -> Tensor:
    """The ids of these entries, int32: torch has no `index_select` for uint16."""
    if ids.dtype != torch.uint16:
        return ids.index_select(0, at)
    return ids.view(torch.int16).index_select(0, at).view(torch.uint16).to(torch.int32)


def _restore_bag(ids: Tensor, *others: Any) -> Bag:
    return Bag(ids.view(torch.uint16) if ids.dtype == torch.int16 else ids, *others)
