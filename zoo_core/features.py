"""The three layouts a text can be encoded into, and the batches training and evaluation ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from math import ceil
from typing import ClassVar, Protocol, Self, TypeVar

import torch
from attrs import frozen
from torch import Tensor

from zoo_core.bags import Bag as Bag
from zoo_core.bags import gathered
from zoo_core.contracts import Layout
from zoo_core.seeds import generator

BLOCK = 50  # batches gathered at once
T = TypeVar("T")
R = TypeVar("R")


class Features(Protocol):
    """What every layout can do: it has a length in rows, moves to a device, and gives rows."""

    layout: ClassVar[Layout]

    def __len__(self) -> int: ...

    def to(self, device: torch.device | str) -> Self:
        """The same on another device."""
        ...

    def take(self, rows: Tensor) -> Self:
        """These rows `(n,)` int64, in this order, as a copy."""
        ...

    def slice(self, start: int, stop: int) -> Self:
        """Consecutive rows, without copying what they hold."""
        ...

    def lengths(self) -> Tensor:
        """How much each row holds `(rows,)`: what batches by length sort by."""
        ...


@frozen(eq=False)
class Sequence:
    """Token ids in order, ragged in store: `ids` int32 `(entries,)`, `offsets` int64 `(rows + 1,)`.

    A model asks a batch for `padded()`. `width` is the number of different ids; 0 is padding.
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
        at, offsets = gathered(self.offsets, rows)
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


@frozen(eq=False)
class Batch:
    """Features, targets `(batch,)` int64 or `(batch, classes)` float32, and the row each came from `(batch,)`."""

    features: Bag | Dense | Sequence
    targets: Tensor
    rows: Tensor

    def __len__(self) -> int:
        return len(self.targets)


@frozen(eq=False)
class Encoded:
    """An encoded split: features, and targets `(rows,)` int64 or, soft, `(rows, classes)` float32.

    It hands out batches and is never sliced by others.
    """

    features: Bag | Dense | Sequence
    targets: Tensor

    def __len__(self) -> int:
        return len(self.targets)

    def to(self, device: torch.device | str) -> Encoded:
        """The whole split on a device, so that an epoch moves nothing between host and device."""
        return Encoded(self.features.to(device), self.targets.to(device))

    def steps(self, batch_size: int, *, world: int = 1) -> int:
        """How many batches an epoch has, for each of `world` processes."""
        return ceil(ceil(len(self) / world) / batch_size)

    def batches(
        self, *, batch_size: int, epoch: int | None = None, seed: int = 0, rank: int = 0, world: int = 1
    ) -> Iterator[Batch]:
        """The rows once each: in order for `epoch=None`, shuffled by `(seed, epoch)` otherwise.

        Of `world` processes, each gets every `world`-th row of the same order, so together they get all of
        them; the last rows are given twice where the count does not divide. Shuffled sequences are sorted by
        length inside blocks of 50 batches, and the batches of a block shuffled again, to waste no padding.
        """
        random = None if epoch is None else generator(seed, "shuffle", epoch)
        order = torch.arange(len(self)) if random is None else torch.randperm(len(self), generator=random)
        if world > 1:
            more = torch.arange(-len(order) % world) % max(len(order), 1)
            order = torch.cat([order, order[more]])[rank::world]
        for features, targets, rows in _ahead(self._gathered, self._blocks(order, batch_size, random)):
            for at in range(0, len(rows), batch_size):
                stop = min(at + batch_size, len(rows))
                yield Batch(features.slice(at, stop), targets[at:stop], rows[at:stop])

    def _blocks(self, order: Tensor, batch_size: int, random: torch.Generator | None) -> Iterator[Tensor]:
        """The rows of some batches at a time."""
        for rows in order.split(BLOCK * batch_size):
            if random is not None and self.features.layout == "sequence":
                rows = _by_length(rows, self.features.lengths().cpu(), batch_size, random)
            yield rows

    def _gathered(self, rows: Tensor) -> tuple[Bag | Dense | Sequence, Tensor, Tensor]:
        rows = rows.to(self.targets.device)
        return self.features.take(rows), self.targets[rows], rows


def _ahead(work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """`work` of each item, in order; that of the next one is done on a thread while the last is used."""
    with ThreadPoolExecutor(1) as pool:
        pending: Future[R] | None = None
        for item in items:
            following = pool.submit(work, item)
            if pending is not None:
                yield pending.result()
            pending = following
        if pending is not None:
            yield pending.result()


def _by_length(rows: Tensor, lengths: Tensor, batch_size: int, random: torch.Generator) -> Tensor:
    ordered = rows[torch.argsort(lengths[rows], stable=True)]
    full = len(ordered) // batch_size * batch_size
    batches = ordered[:full].view(-1, batch_size)
    shuffled = batches[torch.randperm(len(batches), generator=random)]
    return torch.cat([shuffled.reshape(-1), ordered[full:]])
