"""The sentiment of Yelp restaurant reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import frozen

from zoo_core import Task, setting
from zoo_core.components.validators import Bounds, not_empty, not_negative

if TYPE_CHECKING:
    import polars as pl

    from zoo_core.components.examples import Examples
    from zoo_core.components.table import Table

BOOK, OPEN = {"text": "review", "label": "rating"}, {"text": "text", "label": "stars"}  # whose columns are called so


@frozen
class Yelp(Task):
    """Restaurant reviews and whether each is negative or positive, or how many stars it gives.

    Reads the headerless polarity files (reader "yelp-polarity"), the textbook's `rating,review,split`
    files, tables with the Yelp Open Dataset's `stars` and `text`, and any whose columns are named by the settings.

    Source: Rao & McMahan, section 3.6; the subset: "The Yelp Review Dataset" there."""

    name = "yelp"
    has_sample = True
    text: str = setting("review", "the column of texts; text where the file has no review", not_empty)
    label: str = setting("rating", "the column of ratings; stars where the file has no rating", not_empty)
    split: str = setting("split", "the column of splits, used where the file has it", not_empty)
    classes: Literal["auto", "polarity", "stars"] = setting(
        "auto",
        "polarity: 1 and 2 stars are negative, 4 and 5 positive, 3 are left out; stars: five classes; "
        "auto: polarity where stars stands in for rating, else ratings as they are",
    )
    subset: float = setting(
        1.0, "the share of each class, and of each split of the file, that is used", Bounds(gt=0, le=1)
    )
    subset_seed: int = setting(1337, "the seed that the subset is drawn with", not_negative)
    normalization: Literal["book", "unicode", "none"] = setting("book", "how a text is made plain")

    def read(self, table: Table) -> Examples:
        from zoo_core.data import columns
        from zoo_yelp.stars import starred, subset

        label = self._column(table, "label")
        texts = columns.join_text_columns(table, self._column(table, "text"), "")
        splits = columns.read_splits(table, self.split, "split")
        if self.classes == "auto" and label == self.label:
            found = columns.make_examples(texts, columns.read_labels(table, label), splits)
        else:
            found = starred(table, texts, label, splits, polar=self.classes != "stars")
        return subset(found, self.subset, self.subset_seed)

    def reads_rows_independently(self) -> bool:
        return self.subset == 1  # or it is drawn from all of them

    def _column(self, table: Table, key: str) -> str:
        """The name set; where it is the book's and the file has none such, the Open Dataset's if it has that."""
        name: str = getattr(self, key)
        there = table.frame.columns
        return OPEN[key] if name == BOOK[key] and name not in there and OPEN[key] in there else name

    def texts(self, table: Table) -> pl.Series:
        from zoo_core.data.columns import prediction_texts

        return prediction_texts(table, self._column(table, "text"))

    def text_columns(self, table: Table) -> tuple[str, ...]:
        return (self._column(table, "text"),)

    def label_column(self, table: Table) -> str:
        return self._column(table, "label")

    def normalize(self, texts: pl.Series) -> pl.Series:
        from zoo_core.features.normalization import normalize

        return normalize(texts, self.normalization)

    def sample_data(self, *, rows: int, seed: int) -> pl.DataFrame:
        if self.classes == "auto":
            from zoo_yelp.sample import reviews

            return reviews(rows, seed)
        from zoo_yelp.star_sample import starred_reviews

        return starred_reviews(rows, seed, text=self.text, label=self.label, split=self.split)
