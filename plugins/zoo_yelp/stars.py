"""Stars as classes, and the textbook's subset of each class."""

from __future__ import annotations

import numpy as np
import polars as pl

from zoo_core.components.examples import Examples
from zoo_core.components.table import Table
from zoo_core.data.splits import stratified_split
from zoo_core.errors import DataError

POLARITY = {"1": "negative", "2": "negative", "4": "positive", "5": "positive"}
NEUTRAL_STARS = "3"


def read_stars(table: Table, name: str) -> pl.Series:
    """Return a column of stars as "1" to "5"; "4.0" is read as "4".

    Raises:
        DataError: with the line of the first other value.
    """
    column = table.column(name, setting="task.label")
    stars = column.str.strip_chars().str.replace(r"^([0-9])\.0*$", "$1")
    invalid = stars.is_in([*POLARITY, NEUTRAL_STARS]).not_().arg_true()
    if len(invalid):
        row = invalid[0]
        message = f'invalid number of stars in column "{name}": got "{column[row]}", expected 1, 2, 3, 4 or 5'
        raise DataError(message, where=table.location(row))
    return stars


def make_star_examples(
    table: Table, texts: pl.Series, label: str, splits: pl.Series | None, *, polarity: bool
) -> Examples:
    """Return examples labeled by stars, or by `polarity`, which drops reviews with three stars."""
    stars = read_stars(table, label)
    if not polarity:
        return Examples(texts, stars, splits)
    return Examples(texts, stars.replace(POLARITY), splits).drop(stars == NEUTRAL_STARS, "3 stars")


def take_subset(examples: Examples, share: float, seed: int) -> Examples:
    """Return a random share of the rows of each class in each split, the same for the same seed."""
    if share == 1 or not len(examples.labels):
        return examples
    keys = examples.labels if examples.splits is None else examples.labels + "\0" + examples.splits
    kept_rows = stratified_split(keys, {"kept": share, "left": 1 - share}, seed)["kept"]
    is_dropped = np.ones(len(keys), dtype=np.bool_)
    is_dropped[kept_rows] = False
    return examples.drop(pl.Series(is_dropped), "not in the subset")
