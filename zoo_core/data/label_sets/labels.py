"""Operations on a column of labels: one class name a row, or a sorted list of distinct ones, which may be empty."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

LABEL_SETS = pl.List(pl.String)


def are_label_sets(labels: pl.Series) -> bool:
    """Whether each row has a list of labels, not exactly one."""
    return labels.dtype == LABEL_SETS


def each_label(labels: pl.Series) -> pl.Series:
    """The labels of all rows in their order, strings; a row may have none or several of them.

    >>> each_label(pl.Series([["a", "b"], [], ["b"]])).to_list()
    ['a', 'b', 'b']
    """
    return labels.explode(empty_as_null=False) if are_label_sets(labels) else labels


def class_names(labels: pl.Series) -> list[str]:
    """The different labels of all rows, in no order."""
    return each_label(labels).unique().to_list()


def count_classes(labels: pl.Series) -> dict[str, int]:
    """The number of rows that have each label."""
    return dict(each_label(labels).value_counts().iter_rows())


def have_any(labels: pl.Series, names: Collection[str]) -> pl.Series:
    """Whether each row has one of these labels, bool `(rows,)`."""
    if not are_label_sets(labels):
        return labels.is_in(list(names))
    unwanted = pl.Series([list(names)], dtype=LABEL_SETS)
    return pl.select(pl.lit(labels).list.set_intersection(pl.lit(unwanted)).list.len() > 0).to_series()


def without_labels(labels: pl.Series, names: Collection[str]) -> pl.Series:
    """Label sets without these labels; a set may become empty."""
    if not have_any(labels, names).any():
        return labels
    return labels.list.eval(pl.element().filter(~pl.element().is_in(list(names))))


def rename_labels(labels: pl.Series, names: Mapping[str, str]) -> pl.Series:
    """The labels with other names; labels of a set that get the same name become one."""
    if not are_label_sets(labels):
        return labels.replace(dict(names))
    return as_label_sets(labels.list.eval(pl.element().replace(dict(names))))


def as_label_sets(lists: pl.Series) -> pl.Series:
    """Lists of labels, sorted and each once."""
    return lists.list.unique().list.sort()
