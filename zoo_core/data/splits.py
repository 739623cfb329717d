"""Splits: a file's own, or stratified and seeded; and the texts that stand in more than one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from zoo_core.errors import DataError
from zoo_core.seeds import derive_seed

SPLIT_NAMES = ("train", "val", "test")
SPLIT_ALIASES = {"valid": "val", "validation": "val", "dev": "val", "training": "train", "testing": "test"}
Rows = NDArray[np.int64]


def parse_split_names(column: pl.Series, location: Callable[[int], str]) -> pl.Series:
    """A file's own splits by their standard names; DataError, with the place of its row, for a name that is none."""
    plain = column.str.to_lowercase().str.strip_chars().replace(SPLIT_ALIASES)
    strange = plain.is_in(SPLIT_NAMES).not_().arg_true()
    if len(strange):
        row = strange[0]
        raise DataError(
            f'"{column[row]}" in column "{column.name}" is no split',
            where=location(row),
            hint="train, val (or valid, validation, dev) and test are",
        )
    return plain


def split_rows(
    labels: pl.Series, file_splits: pl.Series | None, shares: Mapping[str, float], seed: int
) -> dict[str, Rows]:
    """The rows of each split. Where the file gives none, or not all, the missing ones are drawn from train.

    Stratified by label; the same rows for the same seed, whatever else is swapped.
    """
    if file_splits is None:
        rows = {"train": np.arange(len(labels))}
    else:
        rows = {name: (file_splits == name).arg_true().to_numpy().astype(np.int64) for name in SPLIT_NAMES}
        rows = {name: found for name, found in rows.items() if len(found)}
    missing = [name for name in SPLIT_NAMES[1:] if name not in rows]
    if missing and "train" in rows:
        taken = {name: shares[name] for name in missing}
        present = sum(shares[name] for name in SPLIT_NAMES if name not in missing)
        parts = stratified_split(labels.gather(rows["train"].astype(np.uint32)), {"train": present, **taken}, seed)
        pool = rows["train"]
        rows |= {name: pool[part] for name, part in parts.items()}
    for name in SPLIT_NAMES:
        if not len(rows.get(name, ())):
            raise DataError(f'no row is in the split "{name}"', hint=_suggest_fix(labels, file_splits))
    return {name: rows[name] for name in SPLIT_NAMES}


def _suggest_fix(labels: pl.Series, file_splits: pl.Series | None) -> str:
    """What to do about an empty split: of labels that hardly come twice, another column."""
    if file_splits is not None and not (file_splits == "train").any():
        there = " and ".join(name for name in SPLIT_NAMES if (file_splits == name).any())
        return f"the file's column of splits holds {there} only"
    kinds = labels.n_unique()
    if kinds > 2 and 2 * kinds > len(labels):
        return f"{kinds} different labels in {len(labels)} rows: is it the column of labels?"
    return "more rows, or other shares: --set split.train=0.6"


def stratified_split(labels: pl.Series, shares: Mapping[str, float], seed: int) -> dict[str, Rows]:
    """Row numbers of each part, sorted: every class in the same shares, as near as whole rows allow.

    Rows are ranked inside their class in a random order; a row's place in the class decides its part, and
    the places of different classes are staggered, so that small classes do not all round the same way. The only
    row of a class goes into the first part.
    """
    random = np.random.default_rng(derive_seed(seed, "split"))
    order = random.permutation(len(labels))
    codes = labels.rank("dense").to_numpy().astype(np.int64) - 1
    counts = np.bincount(codes)
    stagger = np.where(counts > 1, random.random(len(counts)), 0)
    by_class = order[np.argsort(codes[order], kind="stable")]
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    place = (np.arange(len(labels)) - starts + stagger[codes[by_class]]) / np.repeat(counts, counts)
    names = list(shares)
    bounds = np.cumsum([shares[name] for name in names])
    part = np.searchsorted(bounds / bounds[-1], np.clip(place, 0, np.nextafter(1, 0)), side="right")
    return {name: np.sort(by_class[part == at]) for at, name in enumerate(names)}


def count_leaked(hashes: NDArray[np.uint64], rows: Mapping[str, Rows]) -> dict[str, int]:
    """How many rows of each split after train hold a text that also stands in an earlier one, to the letter.

    Texts are compared by the 64 bits of a hash of each, as `polars.Series.hash` gives it `(rows,)`: a million of them
    are mistaken once in thirty million times.
    """
    found = {}
    seen = pl.Series(hashes[rows["train"]])
    for name in list(rows)[1:]:
        own = pl.Series(hashes[rows[name]])
        found[name] = int(own.is_in(seen.implode()).sum())
        seen = seen.append(own)
    return found
