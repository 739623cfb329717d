"""Iterative stratification: rows of several labels divided so that every label has the same shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zoo_core.data.splitting.label_entries import Ints, LabelEntries

DIGITS = 9  # wanted numbers of rows that differ by less are equal


def stratify_label_sets(entries: LabelEntries, shares: NDArray[np.float64], random: np.random.Generator) -> Ints:
    """The part `(rows,)` of each row.

    The label with the fewest rows left is next: each of its rows goes to the part that wants the most rows of this
    label, of equals to the one that wants the most rows. A part wants its share of the rows of each label, less those
    that it has. Rows without labels go, at the end, to the parts that want the most rows. Ties are broken at random.

    Two promises are added, since a label that training lacks is an error: the first part has a row of every label if it
    has a share, and no part with a share is empty if another has rows to spare.

    Source: Sechidis, Tsoumakas & Vlahavas 2011, "On the Stratification of Multi-Label Data", algorithm 1.
    """
    shares = shares / shares.sum()
    part = _assign(entries, shares, random)
    if shares[0] > 0:
        _complete_first(entries, part)
    _fill_empty(entries, part, shares)
    return part


def _assign(entries: LabelEntries, shares: NDArray[np.float64], random: np.random.Generator) -> Ints:
    """Algorithm 1 of the source."""
    wishes = _Wishes(entries, shares, random)
    num_labels = entries.num_labels
    counts = np.bincount(entries.labels, minlength=entries.width)
    by_label, ends = entries.rows[np.argsort(entries.labels, kind="stable")], np.cumsum(counts)
    part = np.full(entries.height, -1, dtype=np.int64)
    rank = random.permutation(entries.height)  # the order of the rows of a label

    def give(rows: Ints, label: int) -> None:
        rows = rows[part[rows] < 0]
        for row in rows[np.argsort(rank[rows])].tolist():
            part[row] = wishes.give(row, label)

    while (left := wishes.left[:num_labels]).any():
        label = int(np.where(left > 0, left, entries.height + 1).argmin())
        give(by_label[ends[label] - counts[label] : ends[label]], label)
    if entries.has_none:
        give(by_label[ends[-2] if num_labels else 0 :], -1)
    return part


class _Wishes:
    """What the parts want. Plain lists, which are faster here than arrays, since there are few parts."""

    def __init__(self, entries: LabelEntries, shares: NDArray[np.float64], random: np.random.Generator) -> None:
        self.left = np.bincount(entries.labels, minlength=entries.width)  # rows of each label without a part
        self.of_label = np.round(self.left[:, None] * shares, DIGITS).tolist()
        self.of_rows = np.round(entries.height * shares, DIGITS).tolist()
        self.parts = np.flatnonzero(shares).tolist()
        self.ties = random.random((entries.height, len(shares))).tolist()
        self.starts = np.searchsorted(entries.rows, np.arange(entries.height + 1)).tolist()
        self.labels = entries.labels.tolist()

    def give(self, row: int, label: int) -> int:
        """The part that a row goes to, chosen for a label; -1 for a row without one."""
        wanted, wanted_rows, ties = self.of_label[label] if label >= 0 else self.of_rows, self.of_rows, self.ties[row]
        part: int = max(self.parts, key=lambda number: (wanted[number], wanted_rows[number], ties[number]))
        wanted_rows[part] = round(wanted_rows[part] - 1, DIGITS)
        for own in self.labels[self.starts[row] : self.starts[row + 1]]:
            self.left[own] -= 1
            self.of_label[own][part] = round(self.of_label[own][part] - 1, DIGITS)
        return part


def _complete_first(entries: LabelEntries, part: Ints) -> None:
    """Move a row of each label that the first part lacks there: its first row in the part that has the most of them."""
    counts = np.zeros((entries.width, int(part.max(initial=0)) + 1), dtype=np.int64)
    np.add.at(counts, (entries.labels, part[entries.rows]), 1)
    for label in np.flatnonzero(counts[: entries.num_labels, 0] == 0).tolist():
        rows = entries.rows[entries.labels == label]
        if not (part[rows] == 0).any():  # a row that was moved for another label may have this one, too
            part[rows[part[rows] == counts[label].argmax()][0]] = 0


def _fill_empty(entries: LabelEntries, part: Ints, shares: NDArray[np.float64]) -> None:
    """Give each empty part that has a share a row of the largest part, one whose labels the first part keeps."""
    for empty in np.flatnonzero((np.bincount(part, minlength=len(shares)) == 0) & (shares > 0)).tolist():
        sizes = np.bincount(part, minlength=len(shares))
        for giver in np.argsort(-sizes, kind="stable").tolist():
            rows = np.flatnonzero(part == giver)
            if giver == 0:
                is_alone = (entries.counts(rows)[entries.labels] == 1) & (entries.labels < entries.num_labels)
                rows = np.setdiff1d(rows, entries.rows[is_alone])
            if len(rows) and sizes[giver] > 1:
                part[rows[-1]] = empty
                break
