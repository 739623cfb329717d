"""What a task makes of a table: texts, labels and splits, and how many rows it left out."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from zoo_core.components.examples import Examples
from zoo_core.components.table import Table
from zoo_core.data.splits import parse_split_names
from zoo_core.errors import DataError
from zoo_core.messages import join_names


def require_rows(examples: Examples, source: str, label_column: str) -> None:
    """DataError where every row was dropped, with the reasons; `labels` is the column that labels were read from."""
    if examples.dropped and not len(examples.labels):
        reasons = join_names([f"{reason}: {count}" for reason, count in examples.dropped.items()])
        hint = (
            f'labels are read from column "{label_column}"' if label_column and examples.probabilities is None else ""
        )
        raise DataError(f"no row is left, all were dropped ({reasons})", where=source, hint=hint)


def read_examples(
    table: Table, *, text: str | tuple[str, ...], label: str, split: str, split_optional: str, joiner: str = " "
) -> Examples:
    """Examples from columns of these names. Rows without a label are dropped and counted.

    `split` may be absent where it is called `split_optional`: a name that was chosen must be there.
    """
    texts, labels = join_text_columns(table, text, joiner), read_labels(table, label)
    return make_examples(texts, labels, read_splits(table, split, split_optional))


def make_examples(texts: pl.Series, labels: pl.Series, splits: pl.Series | None) -> Examples:
    """Examples without the rows whose label is empty."""
    return Examples(texts, labels, splits).drop(labels == "", "no label")


def read_labels(table: Table, name: str, class_names: Mapping[str, str] | None = None) -> pl.Series:
    """The labels of every row, without blanks around them.

    With `called`, by the names they are given there: DataError with the line of one that has none and is none.
    """
    labels = _require_column(table, name, "task.label").str.strip_chars()
    if not class_names:
        return labels
    strange = labels.is_in([*class_names, *class_names.values(), ""]).not_().arg_true()
    if len(strange):
        told = f'the label "{labels[strange[0]]}" in column "{name}" has no name'
        raise DataError(told, where=table.location(strange[0]), hint=f"there is {join_names(class_names)}")
    return labels.replace(dict(class_names))


def read_splits(table: Table, name: str, optional_name: str) -> pl.Series | None:
    """The splits a file gives; None where it has no column of the name that may be absent."""
    if name == optional_name and name not in table.frame.columns:
        return None
    return parse_split_names(table.column(name, setting="task.split"), table.location)


def join_text_columns(table: Table, names: str | tuple[str, ...], joiner: str) -> pl.Series:
    """A column of texts, or several with a joiner between each two."""
    columns = [_require_column(table, name, "task.text") for name in ((names,) if isinstance(names, str) else names)]
    if len(columns) == 1:
        return columns[0]
    return pl.select(pl.concat_str(columns, separator=joiner)).to_series().alias("text")


def _require_column(table: Table, name: str, setting: str) -> pl.Series:
    """The column of this name; a table with one other is likely no table at all, but was read line by line."""
    columns = table.frame.columns
    if len(columns) == 1 and name not in columns:
        told = f'there is no column "{name}": the only one is "{columns[0]}"'
        hint = "if each line is a row of a table, say how to read it, as in --reader csv"
        if ";" in columns[0]:
            hint = "its columns seem to be divided by semicolons: save it with commas, or with tabs as .tsv"
        raise DataError(told, where=table.source, hint=hint)
    return table.column(name, setting=setting)


def prediction_texts(table: Table, name: str | tuple[str, ...], joiner: str = " ") -> pl.Series:
    """The texts to predict: the column, or columns, of this name, or the only one there is."""
    if table.frame.width == 1:
        return table.frame.to_series()
    return join_text_columns(table, name, joiner)
