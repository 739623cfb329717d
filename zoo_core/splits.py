"""Splits: a file's own, or stratified and seeded; and the texts that stand in more than one of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from zoo_core.errors import DataError
from zoo_core.seeds import stream

NAMES = ("train", "val", "test")
ALIASES = {"valid": "val", "validation": "val", "dev": "val", "training": "train", "testing": "test"}
Rows = NDArray[np.int64]


def named(column: pl.Series, source: str) -> pl.Series:
    """A file's own splits by their standard names; DataError for a name that is none."""
    plain = column.str.to_lowercase().str.strip_chars().replace(ALIASES)
    strange = plain.is_in(NAMES).not_().arg_true()
    if len(strange):
        row = strange[0]
        raise DataError(
            f'row {row + 1}: "{column[row]}" in column "{column.name}" is no split',
            where=source,
            hint="train, val (or valid, validation, dev) and test are",
        )
    return plain


def split(labels: pl.Series, given: pl.Series | None, shares: Mapping[str, float], seed: int) -> dict[str, Rows]:
    """The rows of each split. Where the file gives none, or not all, the missing ones are drawn from train.

    Stratified by label; the same rows for the same seed, whatever else is swapped.
    """
    if given is None:
        rows = {"train": np.arange(len(labels))}
    else:
        rows = {name: (given == name).arg_true().to_numpy().astype(np.int64) for name in NAMES}
        rows = {name: found for name, found in rows.items() if len(found)}
    missing = [name for name in NAMES[1:] if name not in rows]
    if missing and "train" in rows:
        taken = {name: shares[name] for name in missing}
        present = sum(shares[name] for name in NAMES if name not in missing)
        parts = stratified(labels.gather(rows["train"].astype(np.uint32)), {"train": present, **taken}, seed)
        pool = rows["train"]
        rows |= {name: pool[part] for name, part in parts.items()}
    for name in NAMES:
        if not len(rows.get(name, ())):
            raise DataError(f'no row is in the split "{name}"', hint=_remedy(labels))
    return {name: rows[name] for name in NAMES}


def _remedy(labels: pl.Series) -> str:
    """What to do about an empty split: of labels that hardly come twice, another column."""
    kinds = labels.n_unique()
    if 2 * kinds > len(labels):
        return f"{kinds} different labels in {len(labels)} rows: is it the column of labels?"
    return "more rows, or other shares: --set split.train=0.6"


def stratified(labels: pl.Series, shares: Mapping[str, float], seed: int) -> dict[str, Rows]:
    """Row numbers of each part, sorted: every class in the same shares, as near as whole rows allow.

    Rows are ranked inside their class in a random order; a row's place in the class decides its part, and
    the places of different classes are staggered, so that small classes do not all round the same way. The only
    row of a class goes into the first part.
    """
    random = np.random.default_rng(stream(seed, "split"))
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


def folds(labels: pl.Series, k: int, seed: int, *, groups: pl.Series | None = None) -> list[Rows]:
    """k parts of the rows, each sorted, of equal size and stratified as near as whole rows allow.

    With `groups`, rows of one group stand in one part: groups are dealt out, the largest first, to the part that
    then has the evenest shares. DataError for fewer rows, or groups, than parts.
    """
    units = len(labels) if groups is None else groups.n_unique()
    if not 2 <= k <= units:
        raise DataError(f"{units} {'rows' if groups is None else 'groups'} cannot make {k} folds")
    codes = labels.rank("dense").to_numpy().astype(np.int64) - 1
    random = np.random.default_rng(stream(seed, "folds"))
    if groups is None:
        order = random.permutation(len(labels))
        order = order[np.argsort(codes[order], kind="stable")]  # class by class, dealt out in turn
        return [np.sort(order[at::k]) for at in range(k)]
    group = groups.rank("dense").to_numpy().astype(np.int64) - 1
    counts = np.zeros((units, codes.max() + 1))
    np.add.at(counts, (group, codes), 1)
    shares = counts / counts.sum(axis=0)  # of each class, so that small classes weigh as much as large ones
    order = random.permutation(units)
    order = order[np.argsort(-counts[order].sum(axis=1), kind="stable")]
    held = np.zeros((k, shares.shape[1]))
    fold = np.zeros(units, dtype=np.int64)
    for unit in order:
        growth = 2 * held @ shares[unit]  # of the sum of squares, less what is the same for every fold
        fold[unit] = np.lexsort((held.sum(axis=1), growth))[0]
        held[fold[unit]] += shares[unit]
    return [np.flatnonzero(fold[group] == at) for at in range(k)]


def leakage(texts: pl.Series, rows: Mapping[str, Rows]) -> dict[str, int]:
    """How many rows of each split after train hold a text that also stands in an earlier one, to the letter.

    Texts are compared by 64 bits of hash: a million of them are mistaken once in thirty million times.
    """
    hashes = texts.hash().to_numpy()
    seen = hashes[rows["train"]]
    found = {}
    for name in list(rows)[1:]:
        own = hashes[rows[name]]
        found[name] = int(np.isin(own, seen).sum())
        seen = np.concatenate([seen, own])
    return found


def outer(
    labels: pl.Series, rows: Mapping[str, Rows], k: int, seed: int, *, groups: pl.Series | None = None
) -> list[dict[str, Rows]]:
    """The splits of each of k folds of what is not in test: train, val and fold, the rows that are judged.

    Every row that is not in test is judged once. From the others, as large a part as `rows` gives to val is what
    decides when training stops, so that a fold decides nothing about what is judged on it. Stratified, or grouped.
    """
    pool = np.sort(np.concatenate([rows["train"], rows["val"]]))
    parts = max(2, round(len(pool) / len(rows["val"])))

    def dealt(at: Rows, count: int, number: int) -> list[Rows]:
        own = at.astype(np.uint32)
        grouped = None if groups is None else groups.gather(own)
        return [at[one] for one in folds(labels.gather(own), count, stream(seed, "fold", number), groups=grouped)]

    found = []
    for number, judged in enumerate(dealt(pool, k, 0), start=1):
        rest = np.setdiff1d(pool, judged, assume_unique=True)
        val = dealt(rest, parts, number)[0]
        found.append({"train": np.setdiff1d(rest, val, assume_unique=True), "val": val, "fold": judged})
    return found
