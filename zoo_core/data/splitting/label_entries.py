"""The labels of rows as numbers, for rows of one label and for rows of several."""

from __future__ import annotations

import numpy as np
import polars as pl
from attrs import frozen
from numpy.typing import NDArray

from zoo_core.data.label_sets.labels import are_label_sets, each_label

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@frozen(eq=False)
class LabelEntries:
    """An entry for each label of each row, ordered by row: `rows` and `labels` int64 `(entries,)`.

    Labels are numbered from 0 in sorted order. A row without labels has one entry, of the label `width` - 1, which
    stands for none then; `has_none` tells that there is such a row.
    """

    rows: Ints
    labels: Ints
    height: int
    width: int
    has_none: bool = False

    @property
    def num_labels(self) -> int:
        """The number of labels, without that of none."""
        return self.width - self.has_none

    def counts(self, rows: Ints) -> Ints:
        """The number of these rows that have each label `(width,)`."""
        return np.bincount(self.labels[self.mask(rows)[self.rows]], minlength=self.width)

    def mask(self, rows: Ints) -> Mask:
        """Which rows these are, bool `(height,)`."""
        mask = np.zeros(self.height, dtype=np.bool_)
        mask[rows] = True
        return mask


def label_entries(labels: pl.Series) -> LabelEntries:
    """The entries of labels: strings, or lists of distinct strings."""
    height = len(labels)
    if not are_label_sets(labels):
        codes = labels.rank("dense").to_numpy().astype(np.int64) - 1
        return LabelEntries(np.arange(height), codes, height, int(codes.max(initial=-1)) + 1)
    sizes = labels.list.len().to_numpy().astype(np.int64)
    given = each_label(labels).rank("dense").to_numpy().astype(np.int64) - 1
    width, has_none = int(given.max(initial=-1)) + 1, bool((sizes == 0).any())
    rows = np.repeat(np.arange(height), np.maximum(sizes, 1))
    codes = np.full(len(rows), width)
    codes[(sizes > 0)[rows]] = given
    return LabelEntries(rows, codes, height, width + has_none, has_none)
