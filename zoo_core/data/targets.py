"""Soft targets: a probability for each class in place of a label."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from zoo_core.components.examples import Examples
from zoo_core.components.table import Table
from zoo_core.data.numeric_columns import invalid_number, parse_numbers
from zoo_core.errors import DataError
from zoo_core.messages import name_hint, pluralize

if TYPE_CHECKING:
    from torch import Tensor

SUM_TOLERANCE = 1e-3  # by which a row's sum may miss 1
PROBABILITY_PREFIX = "p_"  # of the columns that predictions are written in


def read_soft_examples(table: Table, texts: pl.Series, splits: pl.Series | None, columns: tuple[str, ...]) -> Examples:
    """Examples from a column of probabilities for each class. Rows whose columns are all blank are dropped.

    DataError with the line of the first row that holds no number, a negative one, or does not sum to 1. A row's
    label is its likeliest class, the first of equals.
    """
    cells = [table.column(name, setting="task.probabilities") for name in columns]
    blank = pl.select(pl.all_horizontal(pl.lit(cell.str.strip_chars() == "") for cell in cells)).to_series()
    values = [parse_numbers(cell) for cell in cells]
    for cell, value in zip(cells, values, strict=True):
        wrong = value.is_null() & ~blank
        if wrong.any():
            raise invalid_number(table, cell, int(wrong.arg_true()[0]))
    names = strip_probability_prefix(columns)
    order = sorted(names, key=class_sort_key(names))
    frame = pl.DataFrame(dict(zip(names, values, strict=True))).select(order)
    _check_probabilities(table, frame, blank)
    frame = frame.fill_null(0).cast(pl.Float32)
    labels = pl.Series(order, dtype=pl.String).gather(pl.Series(frame.to_numpy().argmax(axis=1)))
    return Examples(texts, labels, splits, probabilities=frame).drop(blank, "no probability")


def strip_probability_prefix(columns: tuple[str, ...]) -> list[str]:
    """Columns without a `p_` that all of them begin with, which is how predictions are written.

    >>> strip_probability_prefix(("p_bad", "p_good")), strip_probability_prefix(("bad", "p_good"))
    (['bad', 'good'], ['bad', 'p_good'])
    """
    bare = [name.removeprefix(PROBABILITY_PREFIX) for name in columns]
    return (
        bare
        if all(name.startswith(PROBABILITY_PREFIX) and name != PROBABILITY_PREFIX for name in columns)
        else list(columns)
    )


def _check_probabilities(table: Table, frame: pl.DataFrame, blank: pl.Series) -> None:
    negative = (frame.min_horizontal() < 0).fill_null(False) & ~blank
    if negative.any():
        row = int(negative.arg_true()[0])
        raise DataError(f"a probability is negative: {_format_row(frame, row)}", where=table.location(row))
    sums = frame.sum_horizontal()
    wrong = ((sums - 1).abs() > SUM_TOLERANCE) & ~blank
    if wrong.any():
        row = int(wrong.arg_true()[0])
        told = f"the probabilities sum to {sums[row]:g}, not to 1: {_format_row(frame, row)}"
        raise DataError(told, where=table.location(row), hint="more digits, as 0.3333, where they were rounded")


def _format_row(frame: pl.DataFrame, row: int) -> str:
    return ", ".join(f"{value:g}" for value in frame.row(row)[:12])


def class_probabilities(probabilities: pl.DataFrame, classes: tuple[str, ...], source: str) -> Tensor:
    """Probabilities `(rows, classes)` float32 in the order of `classes`; DataError for a class that is none of them."""
    import torch

    for name in probabilities.columns:
        if name not in classes:
            raise DataError(f'the class "{name}" was not seen in training', where=source, hint=name_hint(name, classes))
    absent = [name for name in classes if name not in probabilities.columns]
    whole = probabilities.with_columns(pl.lit(0, dtype=pl.Float32).alias(name) for name in absent)
    return torch.from_numpy(whole.select(classes).to_numpy().copy())


MAX_SCORES = 2**29  # scores of one split, 2 GiB of them: more classes than that are no classes
INTEGER_PATTERN = re.compile(r"-?[0-9]{1,18}")


def training_classes(
    labels: pl.Series, soft: pl.DataFrame | None, rows: Mapping[str, Any], source: str
) -> tuple[str, ...]:
    """The classes of the training split, sorted (as numbers where all are whole numbers).

    Where a file gives probabilities (`soft`): all that it has a column for.
    """
    if soft is not None:
        return tuple(soft.columns)
    own = labels.gather(rows["train"].astype(np.uint32)).unique().to_list()
    classes = tuple(sorted(own, key=class_sort_key(own)))
    if len(classes) < 2:
        raise DataError(f'the training split holds one class only: "{classes[0]}"', where=source)
    for name in rows:
        require_known_labels(labels.gather(rows[name].astype(np.uint32)), classes, f"{source} ({name})")
        if name != "train" and len(rows[name]) * len(classes) > MAX_SCORES:
            size = len(rows[name]) * len(classes) * 4 / 1e9
            raise DataError(
                f"{len(classes)} classes: the scores of the {len(rows[name])} rows of {name} would take {size:.0f} GB",
                where=source,
                hint="is it the column of labels?",
            )
    return classes


def class_sort_key(labels: list[str]) -> Any:
    """The key that sorts class names: as numbers where all of them are whole numbers."""
    whole = all(INTEGER_PATTERN.fullmatch(label) for label in labels)
    return (lambda label: (int(label), label)) if whole else str


def require_known_labels(labels: pl.Series, classes: tuple[str, ...], source: str) -> None:
    """DataError for a label that was not seen in training."""
    strange = sorted(set(labels.unique().to_list()) - set(classes))
    if strange:
        rows = pluralize(int(labels.is_in(strange).sum()), "row")
        raise DataError(
            f'the label "{strange[0]}" was not seen in training ({rows} of unseen labels)',
            where=source,
            hint=name_hint(strange[0], classes),
        )


def class_indices(labels: pl.Series, classes: tuple[str, ...]) -> Any:
    """Class indices `(rows,)` int64 of labels that are all known."""
    import torch

    codes = labels.cast(pl.Enum(list(classes))).to_physical().to_numpy().astype(np.int64)
    return torch.from_numpy(codes)
