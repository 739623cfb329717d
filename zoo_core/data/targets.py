"""Classes and training targets: class indices of labels, and class probabilities as soft targets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from zoo_core.components.examples import Examples
from zoo_core.components.table import Table
from zoo_core.data.label_sets.labels import are_label_sets, class_names, each_label, have_any
from zoo_core.data.numeric_columns import invalid_number, parse_numbers
from zoo_core.errors import DataError
from zoo_core.messages import join_hints, name_hint, pluralize, quote_name

if TYPE_CHECKING:
    from torch import Tensor

SUM_TOLERANCE = 1e-3  # the sum of a row's probabilities may differ from 1 by this much
PROBABILITY_PREFIX = "p_"  # of the columns that predictions are written in
MAX_SCORES = 2**29  # of one split, 2 GiB: with more, the column does not hold classes
MAX_MESSAGE_VALUES = 12
INTEGER_PATTERN = re.compile(r"-?[0-9]{1,18}")


def training_classes(
    labels: pl.Series,
    soft: pl.DataFrame | None,
    rows: Mapping[str, Any],
    source: str,
    locate: Callable[[int], str],
) -> tuple[str, ...]:
    """The classes of the training split, sorted; by value if all are integers.

    With soft targets, the classes are the columns of `soft`, the probabilities `(rows, classes)`. `rows` has the row
    indices of each split; `locate` gives the place of a row in the file.

    Raises DataError for a single class, a label of another split that the training split does not have, and a class
    count whose scores, or whose matrix of label sets, would not fit in memory.
    """
    if soft is not None:
        return tuple(soft.columns)
    train_labels = class_names(labels.gather(rows["train"].astype(np.uint32)))
    classes = tuple(sorted(train_labels, key=class_sort_key(train_labels)))
    if not classes:
        raise DataError("no text of the training split has a label", where=source)
    if len(classes) < 2:
        raise DataError(f"the training split has only one class: {quote_name(classes[0])}", where=source)
    has_sets = are_label_sets(labels)
    for name in rows:
        split_rows = rows[name]
        split_labels = labels.gather(split_rows.astype(np.uint32))
        require_known_labels(
            split_labels,
            classes,
            lambda row, at=split_rows: locate(int(at[row])),  # type: ignore[misc]
            remedy="drop such " + ("labels" if has_sets else "rows") + ": set task.min_rows to 1",
        )
        num_scores = len(rows[name]) * len(classes)
        if (name != "train" or has_sets) and num_scores > MAX_SCORES:
            raise DataError(
                f"too many classes: got {len(classes)}, and the scores of the {len(rows[name])} rows of {name} "
                f"would take {num_scores * 4 / 1e9:.0f} GB",
                where=source,
                hint="check that it is the column of labels",
            )
    return classes


def class_sort_key(labels: list[str]) -> Any:
    """The key that sorts these class names: by value if all of them are integers, else as strings."""
    are_integers = all(INTEGER_PATTERN.fullmatch(label) for label in labels)
    return (lambda label: (int(label), label)) if are_integers else str


def require_known_labels(
    labels: pl.Series, classes: tuple[str, ...], locate: Callable[[int], str], *, remedy: str = ""
) -> None:
    """Raise DataError for the first label that was not seen in training.

    `locate` gives the place of a row; `remedy` is what else can be done but to correct the label.
    """
    unknown = set(class_names(labels)) - set(classes)
    if unknown:
        rows = have_any(labels, unknown).arg_true()
        label = next(name for name in each_label(labels[rows[0] : rows[0] + 1]) if name in unknown)
        message = (
            f"the label {quote_name(label)} was not seen in training ({pluralize(len(rows), 'row')} with unseen labels)"
        )
        raise DataError(message, where=locate(int(rows[0])), hint=join_hints(name_hint(label, classes), remedy))


def class_indices(labels: pl.Series, classes: tuple[str, ...]) -> Tensor:
    """Class indices `(rows,)` int64 of known labels."""
    import torch

    codes = labels.cast(pl.Enum(list(classes))).to_physical().to_numpy().astype(np.int64)
    return torch.from_numpy(codes)


def label_targets(labels: pl.Series, classes: tuple[str, ...]) -> Tensor:
    """Class indices `(rows,)` int64 of known labels; of label sets a matrix `(rows, classes)` float32 of 0 and 1."""
    if not are_label_sets(labels):
        return class_indices(labels, classes)
    import torch

    rows = np.repeat(np.arange(len(labels)), labels.list.len().to_numpy())
    targets = torch.zeros(len(labels), len(classes))
    targets[torch.from_numpy(rows), class_indices(each_label(labels), classes)] = 1
    return targets


def class_probabilities(probabilities: pl.DataFrame, classes: tuple[str, ...], source: str) -> Tensor:
    """Probabilities `(rows, classes)` float32 in the order of `classes`; a class without a column gets 0.

    Raises DataError for a column whose class was not seen in training.
    """
    import torch

    for name in probabilities.columns:
        if name not in classes:
            raise DataError(
                f"the class {quote_name(name)} was not seen in training", where=source, hint=name_hint(name, classes)
            )
    missing = [name for name in classes if name not in probabilities.columns]
    complete = probabilities.with_columns(pl.lit(0, dtype=pl.Float32).alias(name) for name in missing)
    return torch.from_numpy(complete[list(classes)].to_numpy().copy())


def read_soft_examples(table: Table, texts: pl.Series, splits: pl.Series | None, columns: tuple[str, ...]) -> Examples:
    """Examples with a column of probabilities for each class. Rows whose columns are all blank are dropped.

    The label of a row is its most likely class, the first one of equals.

    Raises DataError, with the line of the first wrong row, for a value that is not a number, a negative one, and a row
    that does not sum to 1.
    """
    raw_columns = table.columns(columns, setting="task.probabilities")
    blank = pl.select(pl.all_horizontal(pl.lit(raw.str.strip_chars() == "") for raw in raw_columns)).to_series()
    values = [parse_numbers(raw) for raw in raw_columns]
    for raw, numbers in zip(raw_columns, values, strict=True):
        invalid = numbers.is_null() & ~blank
        if invalid.any():
            raise invalid_number(table, raw, int(invalid.arg_true()[0]))
    names = strip_probability_prefix(columns)
    order = sorted(names, key=class_sort_key(names))
    frame = pl.DataFrame(dict(zip(names, values, strict=True)))[order]
    _check_probabilities(table, frame, blank)
    frame = frame.fill_null(0).cast(pl.Float32)
    labels = pl.Series(order, dtype=pl.String).gather(pl.Series(frame.to_numpy().argmax(axis=1)))
    return Examples(texts, labels, splits, probabilities=frame).drop(blank, "no probability")


def strip_probability_prefix(columns: tuple[str, ...]) -> list[str]:
    """Class names of columns, without the prefix `p_` of written predictions if all columns have it.

    >>> strip_probability_prefix(("p_bad", "p_good")), strip_probability_prefix(("bad", "p_good"))
    (['bad', 'good'], ['bad', 'p_good'])
    """
    all_prefixed = all(name.startswith(PROBABILITY_PREFIX) and name != PROBABILITY_PREFIX for name in columns)
    return [name.removeprefix(PROBABILITY_PREFIX) for name in columns] if all_prefixed else list(columns)


def _check_probabilities(table: Table, frame: pl.DataFrame, blank: pl.Series) -> None:
    negative = (frame.min_horizontal() < 0).fill_null(False) & ~blank
    if negative.any():
        row = int(negative.arg_true()[0])
        raise DataError(f"negative probability: got {_format_row(frame, row)}", where=table.location(row))
    sums = frame.sum_horizontal()
    off = ((sums - 1).abs() > SUM_TOLERANCE) & ~blank
    if off.any():
        row = int(off.arg_true()[0])
        message = f"the probabilities sum to {sums[row]:g}, expected 1: got {_format_row(frame, row)}"
        raise DataError(message, where=table.location(row), hint="write more digits, as 0.3333, if they were rounded")


def _format_row(frame: pl.DataFrame, row: int) -> str:
    return ", ".join(f"{value:g}" for value in frame.row(row)[:MAX_MESSAGE_VALUES])
