"""The sentiment of Yelp restaurant reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import frozen

from zoo_core import Task, setting
from zoo_core.fields import not_empty

if TYPE_CHECKING:
    import polars as pl

    from zoo_core.table import Examples, Table


@frozen
class Yelp(Task):
    """Restaurant reviews and whether each is negative or positive.

    Reads the headerless polarity files (reader "yelp-polarity"), the textbook's `rating,review,split`
    files, and any table whose columns are named by the settings.

    Source: Rao & McMahan, section 3.6."""

    name = "yelp"
    has_sample = True
    text: str = setting("review", "the column of texts", not_empty)
    label: str = setting("rating", "the column of ratings", not_empty)
    split: str = setting("split", "the column of splits, used where the file has it", not_empty)
    normalise_as: Literal["book", "unicode", "none"] = setting("book", "how a text is made plain")

    def read(self, table: Table) -> Examples:
        from zoo_core.table import read_examples

        return read_examples(table, text=self.text, label=self.label, split=self.split, split_optional="split")

    def texts(self, table: Table) -> pl.Series:
        from zoo_core.table import text_column

        return text_column(table, self.text)

    def normalise(self, texts: pl.Series) -> pl.Series:
        from zoo_core.text import normalise

        return normalise(texts, self.normalise_as)

    def sample(self, *, rows: int, seed: int) -> pl.DataFrame:
        from zoo_yelp.sample import reviews

        return reviews(rows, seed)
