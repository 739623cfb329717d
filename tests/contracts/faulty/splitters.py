"""Faulty splitters."""

from __future__ import annotations

import numpy as np
import polars as pl

from tests.contracts.faulty import faulty
from zoo_core.data.splits import stratified_split
from zoo_core.errors import DataError
from zoo_textbook.rows.splitters import ByGroup, ByTime, Stratified

CALLS: list[int] = []


def cut(order, shares):
    """Consecutive parts of an order of rows."""
    ends = np.round(np.cumsum(list(shares.values())) / sum(shares.values()) * len(order)).astype(int)
    return {name: np.sort(part) for name, part in zip(shares, np.split(order, ends[:-1]), strict=True)}


def of(rule, base=Stratified, **members):
    """A splitter of `rule(labels, columns, shares, seed)`, which makes no folds unless its base does."""

    def split(self, labels, columns, shares, seed):
        return rule(labels, columns, shares, seed)

    return faulty(base, split=split, **{"targets": ("single-label",), **members})


def without_last_row(labels, columns, shares, seed):
    parts = stratified_split(labels, shares, seed)
    return {name: rows[rows < len(labels) - 1] if len(labels) > 1 else rows for name, rows in parts.items()}


def rows_of_named(labels, columns, shares, seed):
    """Always three parts, whatever is asked for; of another file, a part is lost."""
    return {name: rows for name, rows in cut_by_thirds(labels).items() if name in shares}


def cut_by_thirds(labels):
    return cut(np.arange(len(labels)), {"train": 0.7, "val": 0.15, "test": 0.15})


def overlapping(labels, columns, shares, seed):
    parts = stratified_split(labels, shares, seed)
    return {**parts, "val": np.append(parts["val"], parts["train"][:1])} if "val" in parts else parts


def from_one(labels, columns, shares, seed):
    return {name: rows + 1 for name, rows in stratified_split(labels, shares, seed).items()}


def with_state(labels, columns, shares, seed):
    CALLS.append(1)
    return stratified_split(labels, shares, seed + len(CALLS))


def by_rows(labels, columns, shares, seed):
    """The rows in the order of time, cut where the shares are met: equal times are divided."""
    return cut(np.argsort(columns["date"].to_numpy(), kind="stable"), shares)


def latest_first(labels, columns, shares, seed):
    parts = ByTime().split(labels, columns, shares, seed)
    names = list(parts)
    return (
        {name: parts[other] for name, other in zip(names, reversed(names), strict=True)} if len(labels) > 1 else parts
    )


def by_text_of_month(labels, columns, shares, seed):
    """Dates compared from their month on: "12-27" of 2019 is later than "01-03" of 2020."""
    months = columns["date"].str.slice(5)
    return cut(np.argsort(months.to_numpy(), kind="stable"), shares)


def without_a_row(labels, columns, shares, seed):
    try:
        return ByTime().split(labels, columns, shares, seed)
    except DataError as error:
        raise DataError(error.problems[0].message) from None


def with_file_line(labels, columns, shares, seed):
    """Counts from 1 and the header, as an editor does."""
    try:
        return ByTime().split(labels, columns, shares, seed)
    except DataError as error:
        raise error.at_rows(lambda row: row + 2) from None


def plain_folds(self, labels, columns, shares, k, seed):
    """Folds whose val is taken from what is evaluated."""
    order = np.random.default_rng(seed).permutation(len(labels))
    return [
        {"train": np.setdiff1d(order, order[fold::k]), "val": order[fold::k][:5], "fold": order[fold::k]}
        for fold in range(k)
    ]


def random_folds(self, labels, columns, shares, k, seed):
    return Stratified().folds(labels, columns, shares, k, seed)


def one_fold_more(self, labels, columns, shares, k, seed):
    return Stratified().folds(labels, columns, shares, k + 1, seed)


def named_test(self, labels, columns, shares, k, seed):
    return [{**fold, "test": fold["fold"]} for fold in Stratified().folds(labels, columns, shares, k, seed)]


def at_random(labels, columns, shares, seed):
    return cut(np.random.default_rng(seed).permutation(len(labels)), shares)


def dropped_with_reason(labels, columns, shares, seed):
    """The rows of a class are left out, which is counted."""
    is_rare = (labels == "rare").to_numpy()
    rest = np.flatnonzero(~is_rare)
    parts = stratified_split(labels.filter(~pl.Series(is_rare)), shares, seed)
    return {**{name: rest[rows] for name, rows in parts.items()}, "class rare": np.flatnonzero(is_rare)}


SOUND = [of(at_random), faulty(ByTime), faulty(ByGroup), of(dropped_with_reason)]
FAULTS = [
    ("every-row-once", "loses the last row", of(without_last_row)),
    ("every-row-once", "always divides by three", of(rows_of_named)),
    ("every-row-once", "has rows of train in val", of(overlapping)),
    ("every-row-once", "counts rows from 1", of(from_one)),
    (
        "every-row-once",
        "gives masks, not numbers",
        of(lambda labels, c, shares, s: {name: np.ones(len(labels), dtype=bool) for name in shares}),
    ),
    (
        "every-row-once",
        "gives lists",
        of(lambda rows, c, shares, s: {k: v.tolist() for k, v in stratified_split(rows, shares, s).items()}),
    ),
    (
        "shares-are-met",
        "ignores the shares",
        of(lambda rows, c, shares, s: cut(np.arange(len(rows)), dict.fromkeys(shares, 1))),
    ),
    (
        "shares-are-met",
        "puts all rows in train",
        of(lambda rows, c, shares, s: {n: np.arange(len(rows) if n == "train" else 0) for n in shares}),
    ),
    (
        "shares-are-met",
        "gives test to val",
        of(lambda rows, c, shares, s: stratified_split(rows, {**shares, "val": 0.25}, s)),
    ),
    ("rows-follow-from-the-seed", "has a state between calls", of(with_state)),
    (
        "rows-follow-from-the-seed",
        "draws without the seed",
        of(lambda rows, c, shares, s: stratified_split(rows, shares, np.random.default_rng().integers(1 << 40))),
    ),
    ("keeps-groups-as-declared", "divides equal times", of(by_rows, ByTime)),
    (
        "keeps-groups-as-declared",
        "splits at random",
        of(lambda rows, c, shares, s: stratified_split(rows, shares, s), ByGroup),
    ),
    ("keeps-groups-as-declared", "has folds of single rows", faulty(ByGroup, folds=random_folds)),
    ("keeps-order-as-declared", "tests on the earliest", of(latest_first, ByTime)),
    ("keeps-order-as-declared", "orders dates by month and day", of(by_text_of_month, ByTime)),
    ("keeps-order-as-declared", "has random folds", faulty(ByTime, folds=random_folds)),
    ("folds-are-apart", "stops by rows that it evaluates", faulty(Stratified, folds=plain_folds)),
    ("folds-are-apart", "makes one fold more", faulty(Stratified, folds=one_fold_more)),
    ("folds-are-apart", "names a part test", faulty(Stratified, folds=named_test)),
    ("used-columns-are-names", "names one column as a string", faulty(ByTime, used_columns=lambda self: self.column)),
    ("used-columns-are-names", "names no column", faulty(ByGroup, used_columns=lambda self: ())),
    ("wrong-values-have-a-row", "tells no row", of(without_a_row, ByTime)),
    ("wrong-values-have-a-row", "tells the line of the file", of(with_file_line, ByTime)),
]
