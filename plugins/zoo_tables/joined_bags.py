"""Several bags of the same rows as one, whose features are numbered one bag after another."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from zoo_core.features.bag import Bag


def join_bags(bags: Sequence[Bag], rows: int) -> Bag:
    """The entries of each row of all bags, those of the first bag first; the weights are computed, without factors."""
    lengths = torch.stack([bag.lengths() for bag in bags]) if bags else torch.zeros(1, rows, dtype=torch.int64)
    offsets = torch.zeros(rows + 1, dtype=torch.int64)
    torch.cumsum(lengths.sum(dim=0), 0, out=offsets[1:])
    ids = torch.empty(int(offsets[-1]), dtype=torch.int32)
    is_weighted = any(factor is not None for bag in bags for factor in (bag.raw_weights, bag.scale, bag.norms))
    weights = torch.ones(len(ids)) if is_weighted else None
    starts, width = offsets[:-1].clone(), 0
    for bag, own in zip(bags, lengths, strict=False):
        entries = len(bag.raw_ids)
        shifts = torch.repeat_interleave(starts - bag.offsets[:-1], own, output_size=entries)
        at = shifts.add_(torch.arange(entries))
        ids[at] = bag.ids + width
        own_weights = bag.weights
        if weights is not None and own_weights is not None:
            weights[at] = own_weights.float()
        starts += own
        width += bag.width
    return Bag(ids, offsets, weights, width)
