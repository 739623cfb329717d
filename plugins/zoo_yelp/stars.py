"""Stars as classes, and the textbook's subset of each."""

from __future__ import annotations

import numpy as np
import polars as pl

from zoo_core.components.examples import Examples
from zoo_core.components.table import Table
from zoo_core.data.splits import stratified_split
from zoo_core.errors import DataError

POLARITY = {"1": "negative", "2": "negative", "4": "positive", "5": "positive"}
MIDDLE = "3"


def stars_of(table: Table, name: str) -> pl.Series:
    """A column of stars as "1" to "5"; DataError with the line of what is none of these, "4.0" being "4"."""
    column = table.column(name, setting="task.label")
    found = column.str.strip_chars().str.replace(r"^([0-9])\.0*$", "$1")
    strange = found.is_in([*POLARITY, MIDDLE]).not_().arg_true()
    if len(strange):
        row = strange[0]
        told = f'"{column[row]}" in column "{name}" is no number of stars'
        raise DataError(told, where=table.location(row), hint="1, 2, 3, 4 and 5 are")
    return found


def starred(table: Table, texts: pl.Series, label: str, splits: pl.Series | None, *, polar: bool) -> Examples:
    """Examples whose labels are stars; or, where `polar`, feelings, and then reviews of three stars are dropped."""
    stars = stars_of(table, label)
    if not polar:
        return Examples(texts, stars, splits)
    middle = stars == MIDDLE
    return Examples(texts, stars.replace(POLARITY), splits).drop(middle, "3 stars")


def subset(examples: Examples, share: float, seed: int) -> Examples:
    """A share of the rows of each class in each split, the same for the same seed; the others are dropped."""
    if share == 1 or not len(examples.labels):
        return examples
    keys = examples.labels if examples.splits is None else examples.labels + "\0" + examples.splits
    kept = stratified_split(keys, {"kept": share, "left": 1 - share}, seed)["kept"]
    left = np.ones(len(keys), dtype=np.bool_)
    left[kept] = False
    return examples.drop(pl.Series(left), "not in the subset")
