"""Task: classify rows of numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import LabeledTask, Problem, setting
from zoo_core.components.validators import not_empty

if TYPE_CHECKING:
    import polars as pl

    from zoo_core.components.examples import Examples
    from zoo_core.components.table import Table


@frozen
class Columns(LabeledTask):
    """Rows of numbers with labels.

    A row is written as `height=1.5; weight=2`, also in predictions.

    Source: Rao & McMahan, section 1.1 (supervised learning; observations as numbers)."""

    name = "columns"
    output_type = "numbers"
    columns: tuple[str, ...] = setting((), "columns of numbers; [] for all columns except labels and splits")
    label: str = setting("label", "column of labels", not_empty)
    split: str = setting("split", "column of splits, used if the file has it", not_empty)

    def check(self) -> Iterator[Problem]:
        if len(set(self.columns)) != len(self.columns):
            yield Problem("contains a name twice", setting="columns")

    def read(self, table: Table) -> Examples:
        from zoo_core.data import columns

        labels = columns.read_labels(table, self.label)
        return columns.make_examples(self.texts(table), labels, columns.read_splits(table, self.split, "split"))

    def used_columns(self, columns: list[str]) -> Collection[str]:
        return (*self.columns, self.label, self.split) if self.columns else columns

    def reads_rows_independently(self) -> bool:
        return True

    def texts(self, table: Table) -> pl.Series:
        from zoo_textbook.tasks.number_texts import write_pairs

        if len(table.names) == 1 and table.frame.to_series().str.contains("=", literal=True).any():
            return table.frame.to_series()  # rows that are written as pairs already, one per line
        return write_pairs(table, list(self.text_columns(table)))

    def text_columns(self, table: Table) -> tuple[str, ...]:
        others = [name for name in table.frame.columns if name not in (self.label, self.split)]
        for name in [] if self.columns else table.unread:
            table.column(name, setting="task.columns")  # an error: every column is a number
        return self.columns or tuple(others)

    def normalize(self, texts: pl.Series) -> pl.Series:
        return texts
