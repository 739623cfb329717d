"""Task: sentiment of Yelp restaurant reviews."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from zoo_core import LabeledTask, setting
from zoo_core.components.validators import Bounds, any_seed, not_empty

if TYPE_CHECKING:
    import polars as pl

    from zoo_core.components.examples import Examples
    from zoo_core.components.table import Table

TEXTBOOK_COLUMNS = {"text": "review", "label": "rating"}
OPEN_DATASET_COLUMNS = {"text": "text", "label": "stars"}


@frozen
class Yelp(LabeledTask):
    """Sentiment of restaurant reviews: negative or positive, or the number of stars.

    Reads the headerless polarity files (reader "yelp-polarity"), the textbook's files with the columns `rating`,
    `review` and `split`, tables with the columns `stars` and `text` of the Yelp Open Dataset, and tables whose columns
    are named by the settings.

    Source: Rao & McMahan, section 3.6; the subset: "The Yelp Review Dataset" there."""

    name = "yelp"
    has_sample = True
    text: str = setting("review", "column of texts; text if the file has no column review", not_empty)
    label: str = setting("rating", "column of ratings; stars if the file has no column rating", not_empty)
    split: str = setting("split", "column of splits, used if the file has it", not_empty)
    classes: Literal["auto", "polarity", "stars"] = setting(
        "auto",
        "polarity: 1 and 2 stars are negative, 4 and 5 positive, 3 are dropped; stars: five classes; "
        "auto: polarity if the column stars is used for rating, else the ratings unchanged",
    )
    subset: float = setting(1.0, "share of each class, and of each split of the file, that is used", Bounds(gt=0, le=1))
    subset_seed: int = setting(1337, "seed of the subset", any_seed)
    normalization: Literal["book", "unicode", "none"] = setting("book", "normalization of the texts")

    def read(self, table: Table) -> Examples:
        from zoo_core.data import columns
        from zoo_yelp.stars import make_star_examples, take_subset

        label = self._column(table, "label")
        texts = columns.join_text_columns(table, self._column(table, "text"), "")
        splits = columns.read_splits(table, self.split, "split")
        if self.classes == "auto" and label == self.label:
            examples = columns.make_examples(texts, columns.read_labels(table, label), splits)
        else:
            examples = make_star_examples(table, texts, label, splits, polarity=self.classes != "stars")
        return take_subset(examples, self.subset, self.subset_seed)

    def used_columns(self, columns: list[str]) -> Collection[str]:
        return self.text, self.label, self.split, *OPEN_DATASET_COLUMNS.values()

    def reads_rows_independently(self) -> bool:
        return self.subset == 1  # a subset is drawn from all rows

    def _column(self, table: Table, key: str) -> str:
        """Return the name that is set, or that of the Open Dataset if only that is in the table."""
        name: str = getattr(self, key)
        columns, open_name = table.frame.columns, OPEN_DATASET_COLUMNS[key]
        return open_name if name == TEXTBOOK_COLUMNS[key] and name not in columns and open_name in columns else name

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
            from zoo_yelp.sample import make_reviews

            return make_reviews(rows, seed)
        from zoo_yelp.star_sample import make_starred_reviews

        return make_starred_reviews(rows, seed, text=self.text, label=self.label, split=self.split)
