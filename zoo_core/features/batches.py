"""Batches."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

import torch
from attrs import frozen
from torch import Tensor

from zoo_core.features.bag import Bag as Bag
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.parallel import prefetch_map
from zoo_core.seeds import make_generator

PREFETCH_BATCHES = 50  # batches gathered at once


@frozen(eq=False)
class Batch:
    """Features, targets `(batch,)` int64 or `(batch, classes)` float32, and the row each came from `(batch,)`."""

    features: Bag | Dense | Sequence
    targets: Tensor
    rows: Tensor

    def __len__(self) -> int:
        return len(self.targets)


@frozen(eq=False)
class EncodedSplit:
    """An encoded split: features, and targets `(rows,)` int64 or, soft, `(rows, classes)` float32.

    It hands out batches and is never sliced by others.
    """

    features: Bag | Dense | Sequence
    targets: Tensor

    def __len__(self) -> int:
        return len(self.targets)

    def to(self, device: torch.device | str) -> EncodedSplit:
        """The whole split on a device, so that an epoch moves nothing between host and device."""
        return EncodedSplit(self.features.to(device), self.targets.to(device))

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
        random = None if epoch is None else make_generator(seed, "shuffle", epoch)
        order = torch.arange(len(self)) if random is None else torch.randperm(len(self), generator=random)
        if world > 1:
            more = torch.arange(-len(order) % world) % max(len(order), 1)
            order = torch.cat([order, order[more]])[rank::world]
        for features, targets, rows in prefetch_map(self._gathered, self._blocks(order, batch_size, random)):
            for at in range(0, len(rows), batch_size):
                stop = min(at + batch_size, len(rows))
                yield Batch(features.slice(at, stop), targets[at:stop], rows[at:stop])

    def _blocks(self, order: Tensor, batch_size: int, random: torch.Generator | None) -> Iterator[Tensor]:
        """The rows of some batches at a time."""
        for rows in order.split(PREFETCH_BATCHES * batch_size):
            if random is not None and self.features.layout == "sequence":
                rows = _by_length(rows, self.features.lengths().cpu(), batch_size, random)
            yield rows

    def _gathered(self, rows: Tensor) -> tuple[Bag | Dense | Sequence, Tensor, Tensor]:
        rows = rows.to(self.targets.device)
        return self.features.take(rows), self.targets[rows], rows


def _by_length(rows: Tensor, lengths: Tensor, batch_size: int, random: torch.Generator) -> Tensor:
    ordered = rows[torch.argsort(lengths[rows], stable=True)]
    full = len(ordered) // batch_size * batch_size
    batches = ordered[:full].view(-1, batch_size)
    shuffled = batches[torch.randperm(len(batches), generator=random)]
    return torch.cat([shuffled.reshape(-1), ordered[full:]])
