"""Task: any number of labels for each text of a table."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from zoo_core import LabeledTask, Problem, setting
from zoo_core.components.validators import not_empty

if TYPE_CHECKING:
    import polars as pl

    from zoo_core.components.examples import Examples
    from zoo_core.components.table import Table

AUTO = "auto"


@frozen
class TextTagging(LabeledTask):
    """Texts with any number of labels each; a text without a label is a row like others.

    A column of labels has lists, as in JSON, Parquet and Python, or texts: labels with a separator between them, or a
    JSON array. Several columns have 0 or 1 each, and their names are the labels. A dropped or rare label is removed
    from the labels of its texts, which are kept.

    Source: Tsoumakas & Katakis 2007, "Multi-Label Classification: An Overview"."""

    name = "text-tagging"
    targets = "multi-label"
    has_sample = True
    text: str | tuple[str, ...] = setting(
        "text", "column of texts, or several columns that are joined to one text", not_empty
    )
    joiner: str = setting(" ", "separator of the texts of several columns")
    label: str | tuple[str, ...] = setting(
        "label", "column of labels, or several columns of 0 and 1, one for each label", not_empty
    )
    separator: str = setting(AUTO, "separator of labels; auto: the first of | ; , that the column has; empty: none")
    split: str = setting("split", "column of splits, used if the file has it", not_empty)
    normalization: Literal["book", "unicode", "none"] = setting("unicode", "normalization of the texts")

    def check(self) -> Iterator[Problem]:
        names = self.label if isinstance(self.label, tuple) else ()
        if len(names) == 1:
            yield Problem("must be one column of labels, or two or more columns of 0 and 1", setting="label")
        if len(set(names)) != len(names):
            yield Problem("contains a name twice", setting="label")

    def read(self, table: Table) -> Examples:
        from zoo_core.components.examples import Examples
        from zoo_core.data import columns
        from zoo_core.data.label_sets.cells import read_label_sets

        texts = columns.join_text_columns(table, self.text, self.joiner)
        labels = read_label_sets(table, self.label, self.separator)
        return Examples(texts, labels, columns.read_splits(table, self.split, "split"))

    def used_columns(self, columns: list[str]) -> Collection[str]:
        texts, labels = ((name,) if isinstance(name, str) else name for name in (self.text, self.label))
        return *texts, *labels, self.split

    def list_columns(self) -> Collection[str]:
        return (self.label,) if isinstance(self.label, str) else ()

    def reads_rows_independently(self) -> bool:
        return self.separator != AUTO or not isinstance(self.label, str)  # all rows tell the separator

    def texts(self, table: Table) -> pl.Series:
        from zoo_core.data.columns import prediction_texts

        return prediction_texts(table, self.text, self.joiner)

    def normalize(self, texts: pl.Series) -> pl.Series:
        from zoo_core.features.normalization import normalize

        return normalize(texts, self.normalization)

    def sample_data(self, *, rows: int, seed: int) -> pl.DataFrame:
        from zoo_tagging.sample import make_questions

        separator = "|" if self.separator == AUTO else self.separator
        return make_questions(rows, seed, text=self.text, label=self.label, separator=separator, split=self.split)
