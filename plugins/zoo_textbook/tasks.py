"""Classifying any file of texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import frozen

from zoo_core import Task, setting
from zoo_core.fields import not_empty

if TYPE_CHECKING:
    import polars as pl

    from zoo_core.table import Examples, Table


@frozen
class TextClassification(Task):
    """Any table with a column of texts and a column of labels, two classes or more.

    Source: Rao & McMahan, section 1.1 (supervised learning)."""

    name = "text-classification"
    text: str = setting("text", "the column of texts", not_empty)
    label: str = setting("label", "the column of labels", not_empty)
    split: str = setting("split", "the column of splits, used where the file has it", not_empty)
    normalise_as: Literal["book", "unicode", "none"] = setting("unicode", "how a text is made plain")

    def read(self, table: Table) -> Examples:
        from zoo_core.table import read_examples

        return read_examples(table, text=self.text, label=self.label, split=self.split, split_optional="split")

    def texts(self, table: Table) -> pl.Series:
        from zoo_core.table import text_column

        return text_column(table, self.text)

    def normalise(self, texts: pl.Series) -> pl.Series:
        from zoo_core.text import normalise

        return normalise(texts, self.normalise_as)
