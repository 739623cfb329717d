"""Train, val and test splits: read from the file, or drawn; stratified draws; and leakage between splits."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from zoo_core.data.apportionment import apportion
from zoo_core.data.label_sets.labels import are_label_sets
from zoo_core.data.splitting.iterative import stratify_label_sets
from zoo_core.data.splitting.label_entries import label_entries
from zoo_core.errors import DataError
from zoo_core.seeds import derive_seed

SPLIT_NAMES = ("train", "val", "test")
SPLIT_ALIASES = {"valid": "val", "validation": "val", "dev": "val", "training": "train", "testing": "test"}
Rows = NDArray[np.int64]
RowsBySplit = dict[str, Rows]
Draw = Callable[[Rows, Mapping[str, float]], RowsBySplit]


def parse_split_names(column: pl.Series, location: Callable[[int], str]) -> pl.Series:
    """Replace the split names of a file by their standard names.

    Raises DataError, with the location of the row, for an unknown name.
    """
    standard = column.str.to_lowercase().str.strip_chars().replace(SPLIT_ALIASES)
    unknown = standard.is_in(SPLIT_NAMES).not_().arg_true()
    if len(unknown):
        row = unknown[0]
        raise DataError(
            f'unknown split "{column[row]}" in column "{column.name}"',
            where=location(row),
            hint="use train, val (or valid, validation, dev) or test",
        )
    return standard


def split_rows(
    labels: pl.Series, file_splits: pl.Series | None, shares: Mapping[str, float], draw: Draw
) -> RowsBySplit:
    """The row indices of each split. Splits that the file does not give are drawn from its training rows.

    `draw` gets these rows and the shares of train and of what is missing, and returns the rows of each.

    Raises DataError if a split has no rows.
    """
    if file_splits is None:
        rows = {"train": np.arange(len(labels))}
    else:
        rows = {name: (file_splits == name).arg_true().to_numpy().astype(np.int64) for name in SPLIT_NAMES}
        rows = {name: indices for name, indices in rows.items() if len(indices)}
    missing = [name for name in SPLIT_NAMES[1:] if name not in rows]
    if missing and "train" in rows:
        missing_shares = {name: shares[name] for name in missing}
        train_share = sum(shares[name] for name in SPLIT_NAMES if name not in missing)
        rows |= draw(rows.pop("train"), {"train": train_share, **missing_shares})
    for name in SPLIT_NAMES:
        if not len(rows.get(name, ())):
            raise DataError(f'the split "{name}" has no rows', hint=_suggest_fix(labels, file_splits))
    return {name: rows[name] for name in SPLIT_NAMES}


def stratified_split(labels: pl.Series, shares: Mapping[str, float], seed: int) -> dict[str, Rows]:
    """Sorted row indices of each part; every class has the same shares, as near as whole rows allow.

    The numbers of rows are those of `apportion`; the seed only decides which rows they are. Rows with lists of labels
    are divided by `stratify_label_sets`.
    """
    random = np.random.default_rng(derive_seed(seed, "split"))
    if are_label_sets(labels):
        assigned = stratify_label_sets(label_entries(labels), np.array(list(shares.values())), random)
        return {name: np.flatnonzero(assigned == number) for number, name in enumerate(shares)}
    order = random.permutation(len(labels))
    codes = labels.rank("dense").to_numpy().astype(np.int64) - 1
    by_class = order[np.argsort(codes[order], kind="stable")]
    counts = apportion(np.bincount(codes), np.array(list(shares.values())))
    part = np.repeat(np.tile(np.arange(len(shares)), len(counts)), counts.ravel())
    return {name: np.sort(by_class[part == number]) for number, name in enumerate(shares)}


def find_leaked(hashes: NDArray[np.uint64], rows: Mapping[str, Rows]) -> dict[str, NDArray[np.bool_]]:
    """Which rows `(rows,)` of each split after train have an exact text that is also in an earlier split.

    Texts are compared by a 64-bit hash, as `polars.Series.hash` gives it `(rows,)`: a million of them collide once in
    thirty million times.
    """
    leaked = {}
    earlier = pl.Series(hashes[rows["train"]])
    for name in list(rows)[1:]:
        split_hashes = pl.Series(hashes[rows[name]])
        leaked[name] = split_hashes.is_in(earlier.implode()).to_numpy()
        earlier = earlier.append(split_hashes)
    return leaked


def _suggest_fix(labels: pl.Series, file_splits: pl.Series | None) -> str:
    """The hint for an empty split. If hardly any label is repeated, the label column is probably the wrong one."""
    if file_splits is not None and not (file_splits == "train").any():
        present = " and ".join(name for name in SPLIT_NAMES if (file_splits == name).any())
        return f"add rows of it: the file's split column has only {present}"
    num_labels = labels.n_unique()
    if num_labels > 2 and 2 * num_labels > len(labels):
        return f"check the column of labels: it has {num_labels} different labels in {len(labels)} rows"
    return "add rows or change the shares, as in --set split.train=0.6"
