"""Folds for cross-validation and grouped splits: stratified by label, with the rows of a group kept together."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from zoo_core.data.label_sets.labels import are_label_sets
from zoo_core.data.splits import Rows, stratified_split
from zoo_core.data.splitting.iterative import stratify_label_sets
from zoo_core.data.splitting.label_entries import LabelEntries, label_entries
from zoo_core.errors import DataError
from zoo_core.messages import pluralize
from zoo_core.seeds import derive_seed


def make_folds(labels: pl.Series, k: int, seed: int, *, groups: pl.Series | None = None) -> list[Rows]:
    """Sorted row indices of k folds, of equal size and stratified as near as whole rows allow.

    Rows with lists of labels are divided by `stratify_label_sets`, so that sizes may differ by a few rows. With
    `groups`, the rows of a group are in the same fold; see `assign_groups`.

    Raises DataError for fewer rows, or groups, than folds.
    """
    num_units = len(labels) if groups is None else groups.n_unique()
    if not 2 <= k <= num_units:
        raise DataError(f"cannot make {k} folds of {pluralize(num_units, 'row' if groups is None else 'group')}")
    entries, shares = label_entries(labels), np.full(k, 1 / k)
    random = np.random.default_rng(derive_seed(seed, "folds"))
    if groups is None and not are_label_sets(labels):
        order = random.permutation(len(labels))
        order = order[np.argsort(entries.labels[order], kind="stable")]  # by class; each class is dealt out in turn
        return [np.sort(order[fold::k]) for fold in range(k)]
    if groups is None:
        part = stratify_label_sets(entries, shares, random)
    else:
        part = assign_groups(entries, groups, shares, random)
    return [np.flatnonzero(part == fold) for fold in range(k)]


def grouped_split(labels: pl.Series, groups: pl.Series, shares: Mapping[str, float], seed: int) -> dict[str, Rows]:
    """Sorted row indices of each part, with the rows of a group in one part; see `assign_groups`.

    Every class has the same shares, as near as whole groups allow. Raises DataError for fewer groups than parts.
    """
    names = [name for name, share in shares.items() if share > 0]
    num_groups = groups.n_unique()
    if num_groups < len(names):
        raise DataError(f"cannot make {len(names)} splits of {pluralize(num_groups, 'group')}")
    positive_shares = np.array([shares[name] for name in names])
    random = np.random.default_rng(derive_seed(seed, "split"))
    part = assign_groups(label_entries(labels), groups, positive_shares / positive_shares.sum(), random)
    return {name: np.flatnonzero(part == names.index(name)) if name in names else np.arange(0) for name in shares}


def assign_groups(
    entries: LabelEntries, groups: pl.Series, shares: NDArray[np.float64], random: np.random.Generator
) -> Rows:
    """The part `(rows,)` of each row; every part gets at least one group.

    Groups are assigned one by one, the largest first, each to the part whose cost then grows least. The cost of a part
    is Σ over classes of (its fraction of the class)², divided by its share. Rows without labels count as a class.
    """
    group = groups.rank("dense").to_numpy().astype(np.int64) - 1
    sizes = np.bincount(group)
    order = random.permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    num_classes = entries.width
    of_entry = group[entries.rows] * num_classes + entries.labels
    keys, counts = np.unique(of_entry, return_counts=True)  # sparse, since classes may be many
    key_group, key_class = np.divmod(keys, num_classes)
    ends = np.searchsorted(key_group, np.arange(len(sizes) + 1))
    fractions = counts / np.bincount(entries.labels)[key_class]  # of each class, so that small classes weigh as much
    assigned, total = np.zeros((len(shares), num_classes)), np.zeros(len(shares))
    part = np.zeros(len(sizes), dtype=np.int64)
    for number in order:
        of_group = slice(ends[number], ends[number + 1])
        classes, added = key_class[of_group], fractions[of_group]
        growth = (2 * assigned[:, classes] @ added + added @ added) / shares
        best = np.lexsort((total / shares, growth))[0]
        part[number] = best
        assigned[best, classes] += added
        total[best] += added.sum()
    for empty in np.flatnonzero(np.bincount(part, minlength=len(shares)) == 0):  # a small share, and few groups
        fullest = np.bincount(part, minlength=len(shares)).argmax()
        part[order[part[order] == fullest][-1]] = empty
    return np.asarray(part[group])


def split_column(
    labels: pl.Series, shares: Mapping[str, float], seed: int, *, groups: pl.Series | None = None
) -> pl.Series:
    """The name of each row's split, stratified by label; with `groups`, the rows of a group are in one split.

    Raises DataError if a split with a share gets no rows.
    """
    rows = stratified_split(labels, shares, seed) if groups is None else grouped_split(labels, groups, shares, seed)
    for name, share in shares.items():
        if share > 0 and not len(rows[name]):
            raise DataError(f'the split "{name}" has no rows', hint="add rows or change the shares")
    return part_column(rows, len(labels))


def fold_column(labels: pl.Series, k: int, seed: int, *, groups: pl.Series | None = None) -> pl.Series:
    """The fold of each row, "1" to "k"; see `make_folds`."""
    folds = make_folds(labels, k, seed, groups=groups)
    return part_column({str(number): rows for number, rows in enumerate(folds, start=1)}, len(labels))


def nested_folds(
    labels: pl.Series, shares: Mapping[str, float], k: int, seed: int, *, groups: pl.Series | None = None
) -> list[dict[str, Rows]]:
    """The row indices of train, val and fold for each of k folds of these rows, none of which is in test.

    A model is evaluated on "fold", and each row is in one such fold, except the only row of a class, which every fold
    trains on; of rows with lists of labels also others that a label cannot spare. Of the other rows, "val" decides when
    training stops, so that a fold does not influence the model that it evaluates; its share is that in `shares` of
    "train" and "val", and it takes no class from train if avoidable.
    Stratified by label, or grouped: then val has at least one group, and the only group of a class is evaluated, too.

    Raises DataError for too few rows or groups.
    """
    entries = label_entries(labels)
    pool = np.arange(len(labels))
    num_parts = max(2, round(sum(shares.values()) / shares["val"]))

    def folds_of(indices: Rows, count: int, number: int) -> list[Rows]:
        at = indices.astype(np.uint32)
        own_groups = None if groups is None else groups.gather(at)
        fold_seed = derive_seed(seed, "fold", number)
        return [indices[fold] for fold in make_folds(labels.gather(at), count, fold_seed, groups=own_groups)]

    splits = []
    evaluated = _spare_rows(entries, pool, None) if groups is None else pool
    for number, fold in enumerate(folds_of(evaluated, k, 0), start=1):
        if groups is None:
            fold = _leave_classes(entries, pool, fold)
        rest = np.setdiff1d(pool, fold, assume_unique=True)
        if groups is not None:
            num_groups = groups.gather(rest.astype(np.uint32)).n_unique()
            if num_groups < 2:
                raise DataError(f"{k} folds leave one group to train on, expected two or more", hint="use fewer folds")
        spare = _spare_rows(entries, rest, groups)
        num_units = len(spare) if groups is None else groups.gather(spare.astype(np.uint32)).n_unique()
        parts = folds_of(spare, min(num_parts, num_units), number) if num_units > 1 else [spare]
        val = min(parts, key=functools.partial(_count_lost_classes, entries, rest))
        if groups is None:
            val = _leave_classes(entries, rest, val)
        splits.append({"train": np.setdiff1d(rest, val, assume_unique=True), "val": val, "fold": fold})
    return splits


def _spare_rows(entries: LabelEntries, rows: Rows, groups: pl.Series | None) -> Rows:
    """The rows without those that no class can spare: its only row, or the rows of its only group.

    All rows if none would be left.
    """
    if groups is None:
        is_alone = entries.counts(rows)[entries.labels] == 1
        spare = rows[~np.isin(rows, entries.rows[is_alone])]
    else:
        group = groups.rank("dense").to_numpy().astype(np.int64) - 1
        num_groups = int(group.max()) + 1
        at = entries.mask(rows)[entries.rows]
        pairs = np.unique(entries.labels[at] * num_groups + group[entries.rows[at]])
        classes, owners = np.divmod(pairs, num_groups)
        spare = rows[~np.isin(group[rows], owners[np.bincount(classes)[classes] == 1])]
    return spare if len(spare) else rows


def _leave_classes(entries: LabelEntries, rows: Rows, part: Rows) -> Rows:
    """The rows of `part` without a row of each class that none of the other `rows` has; all if none would be left.

    Without lists of labels these are all rows, since the rows of a class are dealt out in turn."""
    left, totals = part, entries.counts(rows)
    while len(lost := _lost_classes(entries, totals, left)):
        of_class = entries.rows[entries.labels == lost[0]]
        left = left[left != of_class[np.isin(of_class, left)][0]]
    return left if len(left) else part


def _count_lost_classes(entries: LabelEntries, rows: Rows, part: Rows) -> int:
    """The number of classes of `rows` that only the rows of `part` have."""
    return len(_lost_classes(entries, entries.counts(rows), part))


def _lost_classes(entries: LabelEntries, totals: Rows, part: Rows) -> Rows:
    """The classes all of whose rows are in a part; `totals` are the rows of each class `(classes,)`."""
    taken = entries.counts(part)
    return np.flatnonzero((taken > 0) & (taken == totals))


def part_column(rows: Mapping[str, Rows], height: int) -> pl.Series:
    """The name of each row's part, from the row indices of each part."""
    names = list(rows)
    part = np.zeros(height, dtype=np.uint32)
    for number, name in enumerate(names):
        part[rows[name]] = number
    return pl.Series(names, dtype=pl.String).gather(part)
