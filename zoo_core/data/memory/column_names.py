"""The names of the columns of data that has none: pairs of lists, tuples, arrays."""

from __future__ import annotations

import polars as pl
from attrs import evolve, frozen

from zoo_core.components.contracts import Task
from zoo_core.components.table import Table
from zoo_core.errors import DataError
from zoo_core.messages import join_names, pluralize


@frozen
class ColumnNames:
    """The columns that a task reads, as its settings name them; `text` is () if it reads any columns.

    `has_labels` tells that labels are expected: then a list of two lists is a pair of columns.
    """

    text: tuple[str, ...] = ("text",)
    label: str = "label"
    split: str = "split"
    has_labels: bool = True

    @property
    def first_text(self) -> str:
        """The column of a single list of texts."""
        return self.text[0] if self.text else "text"

    def of_width(self, width: int, where: str) -> tuple[str, ...]:
        """The names of so many columns: the texts, then the label, then the split.

        Raises DataError for another number of columns.
        """
        others = tuple(filter(None, (self.label, self.split)))
        if not self.text:  # any columns, and a label
            return (*map(str, range(1, width + 1 - len(others[:1]))), *others[:1])
        columns = (*self.text, *others)
        if not len(self.text) <= width <= len(columns):
            expected = (*self.text, *others[:1])
            message = f"got {pluralize(width, 'value')}, expected {len(expected)}: {join_names(expected)}"
            raise DataError(message, where=where)
        return columns[:width]

    def without_label(self) -> ColumnNames:
        """The columns of texts alone."""
        return ColumnNames(self.text, "", "", has_labels=False)


def column_names(task: Task | None, *, has_labels: bool = True) -> ColumnNames:
    """The columns that a task reads; `text`, `label` and `split` without a task.

    Without labels, as for predictions, a task that reads any columns has no label; another may have one.
    """
    if task is None:
        return ColumnNames()
    empty = Table(pl.DataFrame(), "")
    names = ColumnNames(task.text_columns(empty), task.label_column(empty) or "label", task.split_column(empty))
    return evolve(names, has_labels=has_labels) if has_labels or names.text else names.without_label()
