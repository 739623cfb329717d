"""Encoded splits and the batches that training and evaluation take from them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import ceil

import torch
from attrs import frozen
from torch import Tensor

from zoo_core.features.bag import Bag
from zoo_core.features.cut_texts import CutTexts
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.parallel import prefetch_map

PREFETCH_BATCHES = 50  # batches gathered together
FEW_ROWS, MAX_PADDING = 32, 0.04  # of a batch of sequences that are scored


@frozen(eq=False)
class Batch:
    """Features, targets `(batch,)` int64 or `(batch, classes)` float32, and the rows of the split `(batch,)`."""

    features: Bag | Dense | Sequence
    targets: Tensor
    rows: Tensor

    def __len__(self) -> int:
        return len(self.targets)


@frozen(eq=False)
class EncodedSplit:
    """An encoded split: features, and targets `(rows,)` int64, or `(rows, classes)` float32 if they are soft.

    `cut` counts the texts that the encoder read only a part of.
    """

    features: Bag | Dense | Sequence
    targets: Tensor
    cut: CutTexts = CutTexts()

    def __len__(self) -> int:
        return len(self.targets)

    def to(self, device: torch.device | str) -> EncodedSplit:
        """Move the whole split to a device, so that no epoch copies data between host and device."""
        return EncodedSplit(self.features.to(device), self.targets.to(device), self.cut)

    def steps(self, batch_size: int, *, rows: int | None = None, world: int = 1) -> int:
        """The number of batches of an epoch with `rows` rows (all by default), for each of `world` processes."""
        count = len(self) if rows is None else rows
        return len(_batch_starts(ceil(count / world), batch_size))

    def batches(
        self,
        *,
        batch_size: int,
        order: Tensor | None = None,
        generator: torch.Generator | None = None,
        rank: int = 0,
        world: int = 1,
    ) -> Iterator[Batch]:
        """Iterate over rows in an order, int64 `(any,)` on the CPU, which may repeat rows; over all rows by default.

        Each of `world` processes gets every `world`-th row of the same order; if the rows do not divide evenly, the
        first ones are repeated. With a generator, sequences are sorted by length inside blocks of 50 batches, and the
        batches of a block are shuffled again, so that little padding is needed.

        A last batch of one row is joined to the batch before it, because batch normalization has no variance of a
        single row; only with a batch size of 1, or a single row, does a batch have one row.
        """
        order = torch.arange(len(self)) if order is None else order
        batch_size = min(batch_size, max(len(order), 1))
        if world > 1:
            repeated = torch.arange(-len(order) % world) % max(len(order), 1)
            order = torch.cat([order, order[repeated]])[rank::world]
        for features, targets, rows in prefetch_map(self._gather, self._blocks(order, batch_size, generator)):
            for start, stop in _spans(len(rows), _batch_starts(len(rows), batch_size)):
                yield Batch(features.slice(start, stop), targets[start:stop], rows[start:stop])

    def _blocks(self, order: Tensor, batch_size: int, generator: torch.Generator | None) -> Iterator[Tensor]:
        """The rows of several batches at a time."""
        longest = self.features.longest().cpu() if isinstance(self.features, Sequence) else None
        for start, stop in _spans(len(order), _batch_starts(len(order), batch_size)[::PREFETCH_BATCHES]):
            rows = order[start:stop]
            if generator is not None and longest is not None:
                rows = _group_by_length(rows, longest, batch_size, generator)
            yield rows

    def _gather(self, rows: Tensor) -> tuple[Bag | Dense | Sequence, Tensor, Tensor]:
        rows = rows.to(self.targets.device)
        return self.features.take(rows), self.targets[rows], rows


def _batch_starts(rows: int, batch_size: int) -> range:
    """Where each batch starts; a last batch of one row is a part of the one before."""
    is_last_alone = rows % batch_size == 1 and rows > batch_size > 1
    return range(0, rows - is_last_alone, batch_size)


def _spans(rows: int, starts: range) -> Iterator[tuple[int, int]]:
    """Each start with the next one, the last with the end."""
    return pairwise((*starts, rows)) if starts else iter(())


def spans_of_tokens(features: Sequence, *, max_rows: int, max_tokens: int) -> Iterator[tuple[int, int]]:
    """Where batches of rows start and stop, each with at most so many rows, and so many tokens with their padding.

    `features` are sorted by their longest sequences. A batch of more than `FEW_ROWS` ends before more than
    `MAX_PADDING` of its places are padding. A row that has more tokens by itself is a batch of its own.
    """
    longest, offsets = features.longest().cpu(), features.row_offsets().cpu()
    windows = torch.cat([torch.zeros(1, dtype=torch.int64), features.num_windows().cpu().cumsum(0)])
    start = 0
    while start < len(longest):
        stops = torch.arange(start + 1, min(start + max_rows, len(longest)) + 1)  # where the batch may stop
        places = (windows[stops] - windows[start]) * longest[stops - 1]
        is_full = (offsets[stops] - offsets[start]) >= (1 - MAX_PADDING) * places
        fits = (places <= max_tokens) & (is_full | (stops - start <= FEW_ROWS))
        stop = start + max(1, int(fits.long().cumprod(0).sum()))
        yield start, stop
        start = stop


def _group_by_length(rows: Tensor, lengths: Tensor, batch_size: int, generator: torch.Generator) -> Tensor:
    """Sort rows by their longest sequence into batches, and shuffle the full batches."""
    ordered = rows[torch.argsort(lengths[rows], stable=True)]
    full = len(ordered) // batch_size * batch_size
    batches = ordered[:full].view(-1, batch_size)
    shuffled = batches[torch.randperm(len(batches), generator=generator)]
    return torch.cat([shuffled.reshape(-1), ordered[full:]])
