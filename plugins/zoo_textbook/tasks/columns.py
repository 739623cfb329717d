"""Classifying any file of texts, or of numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Problem, Task, setting
from zoo_core.components.validators import not_empty

if TYPE_CHECKING:
    import polars as pl

    from zoo_core.components.examples import Examples
    from zoo_core.components.table import Table

LABEL, SPLIT = "the column of labels", "the column of splits, used where the file has it"


@frozen
class Columns(Task):
    """Any table with columns of numbers and a column of labels: what is to be classified is measured, not written.

    A row is told as `height=1.5; weight=2`, which is also how one is asked for.

    Source: Rao & McMahan, section 1.1 (supervised learning; observations as numbers)."""

    name = "columns"
    output_type = "numbers"
    columns: tuple[str, ...] = setting((), "the columns of numbers; [] for all but those of labels and splits")
    label: str = setting("label", LABEL, not_empty)
    split: str = setting("split", SPLIT, not_empty)

    def check(self) -> Iterator[Problem]:
        if len(set(self.columns)) != len(self.columns):
            yield Problem("names one twice", setting="columns")

    def read(self, table: Table) -> Examples:
        from zoo_core.data import columns as examples

        labels = examples.read_labels(table, self.label)
        return examples.make_examples(self.texts(table), labels, examples.read_splits(table, self.split, "split"))

    def reads_rows_independently(self) -> bool:
        return True

    def texts(self, table: Table) -> pl.Series:
        from zoo_textbook.tasks.number_texts import pairs

        if table.frame.width == 1 and table.frame.to_series().str.contains("=", literal=True).any():
            return table.frame.to_series()  # rows that are written as pairs already, one on each line
        return pairs(table, list(self.text_columns(table)))

    def text_columns(self, table: Table) -> tuple[str, ...]:
        others = (name for name in table.frame.columns if name not in (self.label, self.split))
        return self.columns or tuple(others)

    def normalize(self, texts: pl.Series) -> pl.Series:
        return texts
