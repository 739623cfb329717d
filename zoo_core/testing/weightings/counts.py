"""The inputs of weightings: counts of features in the texts of a training split, with the labels of the texts."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from zoo_core.features.bag import Bag
from zoo_core.seeds import make_generator
from zoo_core.testing.input_sets import InputSet

Counted = tuple[Bag, Tensor]
WIDTH = 13  # features, the last of which is in no text


def make_counts(rows: int = 8, classes: int = 3, *, counts: Tensor | None = None, width: int = WIDTH) -> Counted:
    """Counts from 1 to 5, or these in turn, with one empty row and a feature in every other one; and class indices."""
    generator = make_generator(7, "counts", rows)
    lengths = torch.randint(1, max(2, width // 2), (rows,), generator=generator)
    lengths[1:2] = 0
    row_ids = [
        _with_first(torch.randperm(max(width - 1, 1), generator=generator)[:length]) for length in lengths.tolist()
    ]
    ids = torch.cat(row_ids).to(torch.int32)
    offsets = torch.tensor([0, *map(len, row_ids)]).cumsum(0)
    if counts is None:
        counts = torch.randint(1, 6, (len(ids),), generator=generator).float()
    return Bag(ids, offsets, counts.repeat(len(ids))[: len(ids)], width), torch.arange(rows) % classes


def _with_first(ids: Tensor) -> Tensor:
    """The ids, with feature 0, in ascending order; none for an empty row."""
    return torch.cat([ids, ids.new_zeros(1)]).unique() if len(ids) else ids


def _missing_classes() -> Counted:
    counts, labels = make_counts(12)
    return counts, labels * 5  # classes 0, 5 and 10 of 11


def _every_row() -> Counted:
    """Two features, both in each of 12 texts, once."""
    return Bag(torch.arange(24, dtype=torch.int32) % 2, torch.arange(0, 25, 2), torch.ones(24), 2), torch.arange(12) % 2


COUNTS = InputSet[Counted](
    "counts of features",
    1,
    {
        "8 rows of three classes": make_counts,
        "one row": partial(make_counts, 1),
        "12 rows of two classes": partial(make_counts, 12, 2),
        "256 rows of six classes": partial(make_counts, 256, 6),
        "512 rows of two classes": partial(make_counts, 512, 2),
        "12 rows of three of eleven classes": _missing_classes,
        "12 rows, every count the same": lambda: make_counts(12, counts=torch.ones(1)),
        "counts from 1 to 16,777,216": lambda: make_counts(12, counts=torch.tensor([1.0, 255, 256, 65_536, 2.0**24])),
        "counts of one byte": lambda: make_counts(12, counts=torch.tensor([1, 200, 255], dtype=torch.uint8)),
        "one feature": partial(make_counts, 12, width=1),
        "two features, in every row": _every_row,
    },
)


def make_rising_counts(rows: int = 512) -> tuple[Bag, Tensor, list[int]]:
    """A Bag of ones whose feature f is in the first `times[f]` rows, labels of two classes in turn, and `times`."""
    times = [0, 1, 2, 3, 127, 128, 129, 254, 255, 256, 257, 258, 510, 511, 512]
    row_ids = [
        torch.tensor([at for at, count in enumerate(times) if row < count], dtype=torch.int32) for row in range(rows)
    ]
    offsets = torch.tensor([0, *map(len, row_ids)]).cumsum(0)
    ids = torch.cat(row_ids)
    return Bag(ids, offsets, torch.ones(len(ids)), len(times)), torch.arange(rows) % 2, times
