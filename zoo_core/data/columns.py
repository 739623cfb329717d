"""Examples from the columns of a table: texts, labels, splits and the number of dropped rows."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from zoo_core.components.examples import Examples
from zoo_core.components.table import Table
from zoo_core.data.label_sets.labels import are_label_sets, class_names
from zoo_core.data.splits import parse_split_names
from zoo_core.errors import DataError
from zoo_core.messages import join_names, quote_name

__all__ = [
    "join_text_columns",
    "make_examples",
    "prediction_texts",
    "read_examples",
    "read_labels",
    "read_splits",
    "require_labels",
    "require_rows",
]
NO_LABEL = "no label"  # why a row is dropped


def require_rows(examples: Examples, source: str, label_column: str) -> None:
    """Check that at least one row is left; `label_column` is the column that labels were read from, or "".

    Raises DataError with the reasons if every row was dropped.
    """
    if any(examples.dropped.values()) and not len(examples.labels):
        reasons = join_names([f"{reason}: {count}" for reason, count in examples.dropped.items() if count])
        from_labels = label_column and examples.probabilities is None
        hint = f'check the column "{label_column}", which labels are read from' if from_labels else ""
        hint = "lower task.min_rows" if examples.rare else hint
        raise DataError(f"all rows were dropped ({reasons})", where=source, hint=hint)


def require_labels(examples: Examples, source: str) -> None:
    """Check that label sets to train on have a label that is not rare. Raises DataError with the rare ones."""
    if examples.rare and are_label_sets(examples.labels) and not class_names(examples.labels):
        counts = join_names([f"{quote_name(name)}: {count}" for name, count in examples.rare.items()])
        raise DataError(f"all labels have too few rows ({counts})", where=source, hint="lower task.min_rows")


def read_examples(
    table: Table, *, text: str | tuple[str, ...], label: str, split: str, split_optional: str, joiner: str = " "
) -> Examples:
    """Read examples from the named columns. Rows without a label are dropped and counted.

    The split column may be missing if `split` equals `split_optional`, the default name: a chosen column must exist.
    """
    texts, labels = join_text_columns(table, text, joiner), read_labels(table, label)
    return make_examples(texts, labels, read_splits(table, split, split_optional))


def make_examples(texts: pl.Series, labels: pl.Series, splits: pl.Series | None) -> Examples:
    """Make examples of parallel columns, without the rows whose label is empty."""
    return Examples(texts, labels, splits).drop(labels == "", NO_LABEL)


def read_labels(table: Table, name: str, class_names: Mapping[str, str] | None = None) -> pl.Series:
    """The labels of all rows, without surrounding whitespace.

    With `class_names`, a label in the file becomes the class name it is mapped to.

    Raises DataError, with the line, for a label that is neither a key nor a value of `class_names`.
    """
    labels = table.column(name, setting="task.label").str.strip_chars()
    if not class_names:
        return labels
    unnamed = labels.is_in([*class_names, *class_names.values(), ""]).not_().arg_true()
    if len(unnamed):
        row = unnamed[0]
        message = f'label {quote_name(labels[row])} in column "{name}" has no class name'
        raise DataError(message, where=table.location(row), hint=f"name it, as {join_names(class_names)} are")
    return labels.replace(dict(class_names))


def read_splits(table: Table, name: str, optional_name: str) -> pl.Series | None:
    """The split of each row as the file gives it; None if the file has no such column and `name` is optional."""
    if name == optional_name and name not in table.frame.columns:
        return None
    return parse_split_names(table.column(name, setting="task.split"), table.location)


def join_text_columns(table: Table, names: str | tuple[str, ...], joiner: str) -> pl.Series:
    """One column of texts, or several columns joined row by row by `joiner`."""
    columns = table.columns((names,) if isinstance(names, str) else names, setting="task.text")
    if len(columns) == 1:
        return columns[0]
    return pl.select(pl.concat_str(columns, separator=joiner)).to_series().alias("text")


def prediction_texts(table: Table, name: str | tuple[str, ...], joiner: str = " ") -> pl.Series:
    """The texts to predict: the only column of the table, or else the named column or columns."""
    names = (name,) if isinstance(name, str) else name
    if len(table.names) == 1 and table.unread.keys().isdisjoint(names):
        return table.frame.to_series()
    return join_text_columns(table, names, joiner)
