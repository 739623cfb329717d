"""Bags of features: the layout of a text as the features it holds and what each weighs."""

from __future__ import annotations

from typing import ClassVar

import torch
from attrs import field, frozen
from torch import Tensor

from zoo_core.features.layout import Layout


def ragged_indices(offsets: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Where the entries of some ragged rows stand, and the offsets of the copy."""
    starts = offsets[rows]
    lengths = offsets[rows + 1] - starts
    new = torch.zeros(len(rows) + 1, dtype=torch.int64, device=offsets.device)
    torch.cumsum(lengths, 0, out=new[1:])
    total = int(new[-1])
    narrow = torch.int32 if total < 1 << 31 and int(offsets[-1]) < 1 << 31 else torch.int64  # half the memory to move
    shift = torch.repeat_interleave((starts - new[:-1]).to(narrow), lengths, output_size=total)
    return shift.add_(torch.arange(total, dtype=narrow, device=offsets.device)), new


@frozen(eq=False)
class Bag:
    """A bag of features for each row, ragged: row `r` holds `ids[offsets[r]:offsets[r + 1]]`.

    `ids` is int32 `(entries,)`, `offsets` int64 `(rows + 1,)`, `weights` float `(entries,)` or None for ones,
    `width` the number of features there are. The collapsed one-hot vector of the textbook is a Bag.

    Weights that are products are kept as their factors: what is given for the entry (float, or uint8 for small whole
    numbers), times the `scale` of its feature `(width,)`, divided by the `norms` of its row `(rows,)`. A number for
    each feature and each row takes little memory beside one for each entry; `weights` is computed when asked for.
    Likewise `ids` may be given as uint16, where the width allows, and are int32 when asked for: ask a slice.
    """

    held: Tensor = field(alias="ids")
    offsets: Tensor
    given: Tensor | None = field(alias="weights")
    width: int
    scale: Tensor | None = None
    norms: Tensor | None = None

    layout: ClassVar[Layout] = "bag"

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def ids(self) -> Tensor:
        """The feature of each entry, int32 `(entries,)`."""
        return self.held.to(torch.int32) if self.held.dtype == torch.uint16 else self.held

    @property
    def weights(self) -> Tensor | None:
        """The weight of each entry `(entries,)`, None where all are 1."""
        found = self.undivided
        if self.norms is not None:
            norms = torch.repeat_interleave(self.norms, self.lengths(), output_size=len(self.held))
            found = norms.reciprocal() if found is None else found / norms
        return found

    @property
    def undivided(self) -> Tensor | None:
        """The weight of each entry `(entries,)` times the norm of its row, None where all are 1."""
        found = self.given
        if found is not None and not found.is_floating_point():
            found = found.float()
        if self.scale is not None:
            scale = self.scale.index_select(0, self.ids)
            found = scale if found is None else found * scale
        return found

    def to(self, device: torch.device | str) -> Bag:
        ids, offsets = self.held.to(device), self.offsets.to(device)
        given, scale, norms = (None if one is None else one.to(device) for one in (self.given, self.scale, self.norms))
        return Bag(ids, offsets, given, self.width, scale, norms)

    def take(self, rows: Tensor) -> Bag:
        """These rows `(n,)` int64, in this order, as a copy with a weight for each entry, still to divide by norms."""
        at, offsets = ragged_indices(self.offsets, rows)
        given = None if self.given is None else self.given.index_select(0, at)
        norms = None if self.norms is None else self.norms.index_select(0, rows)
        found = Bag(_picked(self.held, at), offsets, given, self.width, self.scale, norms)
        return Bag(found.ids, offsets, found.undivided, self.width, None, norms)

    def slice(self, start: int, stop: int) -> Bag:
        offsets = self.offsets[start : stop + 1]
        first, last = int(offsets[0]), int(offsets[-1])
        given = None if self.given is None else self.given[first:last]
        norms = None if self.norms is None else self.norms[start:stop]
        return Bag(self.held[first:last], offsets - first, given, self.width, self.scale, norms)

    def lengths(self) -> Tensor:
        return self.offsets.diff()

    def rows(self) -> Tensor:
        """The row of each entry `(entries,)`."""
        count = torch.arange(len(self), device=self.offsets.device)
        return torch.repeat_interleave(count, self.lengths(), output_size=len(self.held))

    def weights_or_ones(self) -> Tensor:
        """The weight of each entry `(entries,)`, ones where there are none."""
        weights = self.weights
        return torch.ones(len(self.held), device=self.held.device) if weights is None else weights

    def to_dense(self) -> Tensor:
        """The same as a matrix `(rows, width)`: large; only for a model that asks, and for tests."""
        values = self.weights_or_ones()
        matrix = torch.zeros(len(self), self.width, dtype=values.dtype, device=self.held.device)
        return matrix.index_put((self.rows(), self.ids.long()), values, accumulate=True)


def _picked(ids: Tensor, at: Tensor) -> Tensor:
    """The ids at these entries, int32: torch has no `index_select` of uint16."""
    if ids.dtype != torch.uint16:
        return ids.index_select(0, at)
    return ids.view(torch.int16).index_select(0, at).view(torch.uint16).to(torch.int32)
