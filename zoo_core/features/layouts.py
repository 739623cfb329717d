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
        """The entries in each row `(rows,)`."""
        ...


@frozen(eq=False)
class Sequence:
    """Token ids in order, stored ragged: `ids` int32 `(entries,)`, `offsets` int64 `(sequences + 1,)`.

    Models call `padded()` of a batch. `width` is the number of distinct ids; 0 is padding.

    A row is one sequence, unless long texts are cut into windows: row `r` then is the sequences from `windows[r]` to
    `windows[r + 1]`, at least one, of `windows` int64 `(rows + 1,)`. Models get a row for each window, and
    `module_scores` takes the mean of their scores.
    """

    ids: Tensor
    offsets: Tensor
    width: int
    windows: Tensor | None = None

    layout: ClassVar[Layout] = "sequence"

    def __len__(self) -> int:
        return len(self.offsets if self.windows is None else self.windows) - 1

    def to(self, device: torch.device | str) -> Sequence:
        windows = None if self.windows is None else self.windows.to(device)
        return Sequence(self.ids.to(device), self.offsets.to(device), self.width, windows)

    def take(self, rows: Tensor) -> Sequence:
        windows = None
        if self.windows is not None:
            at, windows = ragged_indices(self.windows, rows)
            rows = at.long()
        at, offsets = ragged_indices(self.offsets, rows)
        return Sequence(self.ids.index_select(0, at), offsets, self.width, windows)

    def slice(self, start: int, stop: int) -> Sequence:
        windows = None
        if self.windows is not None:
            windows = self.windows[start : stop + 1]
            start, stop = int(windows[0]), int(windows[-1])
            windows = windows - start
        offsets = self.offsets[start : stop + 1]
        return Sequence(self.ids[int(offsets[0]) : int(offsets[-1])], offsets - offsets[0], self.width, windows)

    def row_offsets(self) -> Tensor:
        """Where the entries of each row start, and the end `(rows + 1,)`: `offsets`, unless rows have windows."""
        return self.offsets if self.windows is None else self.offsets[self.windows]

    def lengths(self) -> Tensor:
        return self.row_offsets().diff()

    def num_windows(self) -> Tensor:
        """The sequences of each row `(rows,)`."""
        return torch.ones_like(self.offsets[1:]) if self.windows is None else self.windows.diff()

    def longest(self) -> Tensor:
        """The length of the longest sequence of each row `(rows,)`, by which batches are sorted."""
        lengths = self.offsets.diff()
        if self.windows is None:
            return lengths
        rows = torch.repeat_interleave(torch.arange(len(self), device=lengths.device), self.windows.diff())
        return torch.zeros(len(self), dtype=lengths.dtype, device=lengths.device).scatter_reduce_(
            0, rows, lengths, "amax"
        )

    def each_window(self) -> Sequence:
        """The same with a row for each window, as models get it."""
        return self if self.windows is None else Sequence(self.ids, self.offsets, self.width)

    def padded(self, *, to: int = 0) -> tuple[Tensor, Tensor]:
        """`(ids, lengths)`: ids int64 `(sequences, longest)` padded with 0, at least `to` wide; lengths `(sequences,)`.

        A row without tokens has the length 0, and is at least one padding wide.
        """
        lengths = self.offsets.diff()
        longest = max(int(lengths.max()) if len(lengths) else 0, to, 1)
        mask = torch.arange(longest, device=self.ids.device)[None, :] < lengths[:, None]
        matrix = torch.zeros(len(lengths), longest, dtype=torch.int64, device=self.ids.device)
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
