"""Soft targets: a probability for each class in place of a label."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from zoo_core.errors import DataError, nearest
from zoo_core.examples import Examples
from zoo_core.labels import class_order
from zoo_core.numbers import not_a_number, numbers
from zoo_core.table import Table

if TYPE_CHECKING:
    from torch import Tensor

SLACK = 1e-3  # by which a row's sum may miss 1
PREFIX = "p_"  # of the columns that predictions are written in


def soft_examples(table: Table, texts: pl.Series, splits: pl.Series | None, columns: tuple[str, ...]) -> Examples:
    """Examples from a column of probabilities for each class. Rows whose columns are all blank are dropped.

    DataError with the line of the first row that holds no number, a negative one, or does not sum to 1. A row's
    label is its likeliest class, the first of equals.
    """
    cells = [table.column(name, setting="task.probabilities") for name in columns]
    blank = pl.select(pl.all_horizontal(pl.lit(cell.str.strip_chars() == "") for cell in cells)).to_series()
    values = [numbers(cell) for cell in cells]
    for cell, value in zip(cells, values, strict=True):
        wrong = value.is_null() & ~blank
        if wrong.any():
            raise not_a_number(table, cell, int(wrong.arg_true()[0]))
    names = class_names(columns)
    order = sorted(names, key=class_order(names))
    frame = pl.DataFrame(dict(zip(names, values, strict=True))).select(order)
    _check(table, frame, blank)
    frame = frame.fill_null(0).cast(pl.Float32)
    labels = pl.Series(order, dtype=pl.String).gather(pl.Series(frame.to_numpy().argmax(axis=1)))
    return Examples(texts, labels, splits, probabilities=frame).without(blank, "no probability")


def class_names(columns: tuple[str, ...]) -> list[str]:
    """Columns without a `p_` that all of them begin with, which is how predictions are written.

    >>> class_names(("p_bad", "p_good")), class_names(("bad", "p_good"))
    (['bad', 'good'], ['bad', 'p_good'])
    """
    bare = [name.removeprefix(PREFIX) for name in columns]
    return bare if all(name.startswith(PREFIX) and name != PREFIX for name in columns) else list(columns)


def _check(table: Table, frame: pl.DataFrame, blank: pl.Series) -> None:
    negative = (frame.min_horizontal() < 0).fill_null(False) & ~blank
    if negative.any():
        row = int(negative.arg_true()[0])
        raise DataError(f"a probability is negative: {_told(frame, row)}", where=table.place(row))
    sums = frame.sum_horizontal()
    wrong = ((sums - 1).abs() > SLACK) & ~blank
    if wrong.any():
        row = int(wrong.arg_true()[0])
        told = f"the probabilities sum to {sums[row]:g}, not to 1: {_told(frame, row)}"
        raise DataError(told, where=table.place(row), hint="more digits, as 0.3333, where they were rounded")


def _told(frame: pl.DataFrame, row: int) -> str:
    return ", ".join(f"{value:g}" for value in frame.row(row)[:12])


def targets(probabilities: pl.DataFrame, classes: tuple[str, ...], source: str) -> Tensor:
    """Probabilities `(rows, classes)` float32 in the order of `classes`; DataError for a class that is none of them."""
    import torch

    for name in probabilities.columns:
        if name not in classes:
            raise DataError(f'the class "{name}" was not seen in training', where=source, hint=nearest(name, classes))
    absent = [name for name in classes if name not in probabilities.columns]
    whole = probabilities.with_columns(pl.lit(0, dtype=pl.Float32).alias(name) for name in absent)
    return torch.from_numpy(whole.select(classes).to_numpy().copy())
