"""The layouts beside the bag, sequences and dense matrices, and what every layout has in common."""

from __future__ import annotations

from typing import ClassVar, Protocol, Self

import torch
from attrs import frozen
from torch import Tensor

from zoo_core.features.bag import ragged_indices
from zoo_core.features.layout_names import Layout

__all__ = ["Dense", "Features", "Sequence"]


class Features(Protocol):
    """What every layout can do: count its rows, move to a device, copy and slice rows."""

    layout: ClassVar[Layout]

    def __len__(self) -> int: ...

    def to(self, device: torch.device | str) -> Self:
        """The same on another device."""
        ...

    def take(self, rows: Tensor) -> Self:
        """Copy these rows `(n,)` int64, in this order."""
        ...

    def slice(self, start: int, stop: int) -> Self:
        """Consecutive rows, without copying their entries."""
        ...

    def lengths(self) -> Tensor:
        """The entries in each row `(rows,)`, by which batches of sequences are sorted."""
        ...


@frozen(eq=False)
class Sequence:
    """Token ids in order, stored ragged: `ids` int32 `(entries,)`, `offsets` int64 `(rows + 1,)`.

    Models call `padded()` of a batch. `width` is the number of distinct ids; 0 is padding.
    """

    ids: Tensor
    offsets: Tensor
    width: int

    layout: ClassVar[Layout] = "sequence"

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def to(self, device: torch.device | str) -> Sequence:
        return Sequence(self.ids.to(device), self.offsets.to(device), self.width)

    def take(self, rows: Tensor) -> Sequence:
        at, offsets = ragged_indices(self.offsets, rows)
        return Sequence(self.ids.index_select(0, at), offsets, self.width)

    def slice(self, start: int, stop: int) -> Sequence:
        offsets = self.offsets[start : stop + 1]
        return Sequence(self.ids[int(offsets[0]) : int(offsets[-1])], offsets - offsets[0], self.width)

    def lengths(self) -> Tensor:
        return self.offsets.diff()

    def padded(self, *, to: int = 0) -> tuple[Tensor, Tensor]:
        """`(ids, lengths)`: ids int64 `(rows, longest)` padded with 0, at least `to` wide; lengths `(rows,)`."""
        lengths = self.lengths()
        longest = max(int(lengths.max()) if len(lengths) else 0, to, 1)
        mask = torch.arange(longest, device=self.ids.device)[None, :] < lengths[:, None]
        matrix = torch.zeros(len(self), longest, dtype=torch.int64, device=self.ids.device)
        matrix[mask] = self.ids.long()
        return matrix, lengths


@frozen(eq=False)
class Dense:
    """A matrix of numbers: `values` float `(rows, width)`."""

    values: Tensor

    layout: ClassVar[Layout] = "dense"

    def __len__(self) -> int:
        return len(self.values)

    def to(self, device: torch.device | str) -> Dense:
        return Dense(self.values.to(device))

    def take(self, rows: Tensor) -> Dense:
        return Dense(self.values[rows])

    def slice(self, start: int, stop: int) -> Dense:
        return Dense(self.values[start:stop])

    def lengths(self) -> Tensor:
        return torch.full((len(self),), self.values.shape[1], device=self.values.device)
