"""Folds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from zoo_core.data.splits import Rows, stratified_split
from zoo_core.errors import DataError
from zoo_core.messages import pluralize
from zoo_core.seeds import derive_seed


def make_folds(labels: pl.Series, k: int, seed: int, *, groups: pl.Series | None = None) -> list[Rows]:
    """k parts of the rows, each sorted, of equal size and stratified as near as whole rows allow.

    With `groups`, rows of one group stand in one part: groups are dealt out, the largest first, to the part that
    then has the evenest shares. DataError for fewer rows, or groups, than parts.
    """
    units = len(labels) if groups is None else groups.n_unique()
    if not 2 <= k <= units:
        raise DataError(f"{pluralize(units, 'row' if groups is None else 'group')} cannot make {k} folds")
    codes = labels.rank("dense").to_numpy().astype(np.int64) - 1
    random = np.random.default_rng(derive_seed(seed, "folds"))
    if groups is None:
        order = random.permutation(len(labels))
        order = order[np.argsort(codes[order], kind="stable")]  # class by class, dealt out in turn
        return [np.sort(order[at::k]) for at in range(k)]
    part = assign_groups(codes, groups, np.full(k, 1 / k), random)
    return [np.flatnonzero(part == at) for at in range(k)]


def grouped_split(labels: pl.Series, groups: pl.Series, shares: Mapping[str, float], seed: int) -> dict[str, Rows]:
    """Row numbers of each part, sorted: the rows of a group all in one, and every class in the same shares as near
    as whole groups allow.

    Groups are dealt out, the largest first, each to the part that then is nearest to its share of every class.
    DataError for fewer groups than parts.
    """
    names = [name for name, share in shares.items() if share > 0]
    units = groups.n_unique()
    if units < len(names):
        raise DataError(f"{pluralize(units, 'group')} cannot make {len(names)} splits")
    wanted = np.array([shares[name] for name in names])
    codes = labels.rank("dense").to_numpy().astype(np.int64) - 1
    part = assign_groups(codes, groups, wanted / wanted.sum(), np.random.default_rng(derive_seed(seed, "split")))
    return {name: np.flatnonzero(part == names.index(name)) if name in names else np.arange(0) for name in shares}


def assign_groups(codes: Rows, groups: pl.Series, shares: NDArray[np.float64], random: np.random.Generator) -> Rows:
    """The part of each row. A part's cost is how far it is from its share of each class, squared, for its size."""
    group = groups.rank("dense").to_numpy().astype(np.int64) - 1
    sizes = np.bincount(group)
    order = random.permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    classes = int(codes.max()) + 1
    keys, counts = np.unique(group * classes + codes, return_counts=True)  # only what a group holds: classes are many
    unit, code = np.divmod(keys, classes)
    ends = np.searchsorted(unit, np.arange(len(sizes) + 1))
    own = counts / np.bincount(codes)[code]  # of each class, so that small classes weigh as much as large ones
    held, total = np.zeros((len(shares), classes)), np.zeros(len(shares))
    part = np.zeros(len(sizes), dtype=np.int64)
    for one in order:
        at = slice(ends[one], ends[one + 1])
        growth = (2 * held[:, code[at]] @ own[at] + own[at] @ own[at]) / shares
        chosen = np.lexsort((total / shares, growth))[0]
        part[one] = chosen
        held[chosen, code[at]] += own[at]
        total[chosen] += own[at].sum()
    for empty in np.flatnonzero(np.bincount(part, minlength=len(shares)) == 0):  # a small share, and few groups
        most = np.bincount(part, minlength=len(shares)).argmax()
        part[order[part[order] == most][-1]] = empty
    return np.asarray(part[group])


def split_column(
    labels: pl.Series, shares: Mapping[str, float], seed: int, *, groups: pl.Series | None = None
) -> pl.Series:
    """The split of each row by name, stratified by label; with `groups`, a group's rows all in one.

    DataError where a split that has a share gets no row.
    """
    rows = stratified_split(labels, shares, seed) if groups is None else grouped_split(labels, groups, shares, seed)
    for name, share in shares.items():
        if share > 0 and not len(rows[name]):
            raise DataError(f'no row is in the split "{name}"', hint="more rows, or other shares")
    return _part_column(rows, len(labels))


def fold_column(labels: pl.Series, k: int, seed: int, *, groups: pl.Series | None = None) -> pl.Series:
    """The fold of each row, "1" to "k"; see `folds`."""
    return _part_column(
        {str(at + 1): rows for at, rows in enumerate(make_folds(labels, k, seed, groups=groups))}, len(labels)
    )


def _part_column(rows: Mapping[str, Rows], height: int) -> pl.Series:
    names = list(rows)
    part = np.zeros(height, dtype=np.uint32)
    for at, name in enumerate(names):
        part[rows[name]] = at
    return pl.Series(names, dtype=pl.String).gather(part)


def nested_folds(
    labels: pl.Series, rows: Mapping[str, Rows], k: int, seed: int, *, groups: pl.Series | None = None
) -> list[dict[str, Rows]]:
    """The splits of each of k folds of what is not in test: train, val and fold, the rows that are judged.

    Every row that is not in test is judged once. From the others, as large a part as `rows` gives to val is what
    decides when training stops, so that a fold decides nothing about what is judged on it. Stratified, or grouped:
    then that part is a group at least. DataError for too few rows or groups.
    """
    pool = np.sort(np.concatenate([rows["train"], rows["val"]]))
    parts = max(2, round(len(pool) / len(rows["val"])))

    def dealt(at: Rows, count: int, number: int) -> list[Rows]:
        own = at.astype(np.uint32)
        grouped = None if groups is None else groups.gather(own)
        return [
            at[one] for one in make_folds(labels.gather(own), count, derive_seed(seed, "fold", number), groups=grouped)
        ]

    found = []
    for number, judged in enumerate(dealt(pool, k, 0), start=1):
        rest = np.setdiff1d(pool, judged, assume_unique=True)
        count = parts
        if groups is not None:
            there = groups.gather(rest.astype(np.uint32)).n_unique()
            if there < 2:
                raise DataError(f"{k} folds leave one group to train on: two are needed", hint="fewer folds")
            count = min(parts, there)
        val = dealt(rest, count, number)[0]
        found.append({"train": np.setdiff1d(rest, val, assume_unique=True), "val": val, "fold": judged})
    return found
