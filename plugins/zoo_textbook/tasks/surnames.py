"""Task: classify surnames by nationality, the textbook's second example."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from zoo_core import LabeledTask, setting
from zoo_core.components.validators import not_empty

if TYPE_CHECKING:
    import polars as pl

    from zoo_core.components.examples import Examples
    from zoo_core.components.table import Table


@frozen
class Surnames(LabeledTask):
    """Surnames and their nationalities: short texts, classified by their characters.

    The textbook has 18 classes of uneven size. The sample joins syllables by rules; few of its names are real.

    Source: Rao & McMahan, section 4.2 ("Surname Classification with an MLP")."""

    name = "surnames"
    has_sample = True
    text: str = setting("surname", "column of surnames", not_empty)
    label: str = setting("nationality", "column of nationalities", not_empty)
    split: str = setting("split", "column of splits, used if the file has it", not_empty)
    normalization: Literal["lower", "none"] = setting("lower", "normalization of the names; lower: NFKC and lower case")

    def read(self, table: Table) -> Examples:
        from zoo_core.data.columns import read_examples

        return read_examples(table, text=self.text, label=self.label, split=self.split, split_optional="split")

    def used_columns(self, columns: list[str]) -> Collection[str]:
        return self.text, self.label, self.split

    def reads_rows_independently(self) -> bool:
        return True

    def texts(self, table: Table) -> pl.Series:
        from zoo_core.data.columns import prediction_texts

        return prediction_texts(table, self.text)

    def normalize(self, texts: pl.Series) -> pl.Series:
        if self.normalization == "none":
            return texts
        return texts.str.normalize("NFKC").str.to_lowercase().str.strip_chars()

    def sample_data(self, *, rows: int, seed: int) -> pl.DataFrame:
        from zoo_textbook.tasks.surname_sample import make_surnames

        return make_surnames(rows, seed)
