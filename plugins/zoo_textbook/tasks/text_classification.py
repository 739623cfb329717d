"""Task: classify the texts of any table."""

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


@frozen
class TextClassification(LabeledTask):
    """Texts with labels of two or more classes, or with a probability for each class.

    Source: Rao & McMahan, section 1.1 (supervised learning)."""

    name = "text-classification"
    text: str | tuple[str, ...] = setting(
        "text", "column of texts, or several columns that are joined to one text", not_empty
    )
    joiner: str = setting(" ", "separator of the texts of several columns")
    label: str = setting("label", "column of labels", not_empty)
    names: tuple[str, ...] = setting((), 'names of labels, as in "1=World"; [] for the labels of the file')
    probabilities: tuple[str, ...] = setting((), "a column of probabilities for each class, instead of labels")
    split: str = setting("split", "column of splits, used if the file has it", not_empty)
    normalization: Literal["book", "unicode", "none"] = setting("unicode", "normalization of the texts")

    def check(self) -> Iterator[Problem]:
        if len(self.probabilities) == 1:
            yield Problem("must name a column for each of two or more classes", setting="probabilities")
        for key in ("probabilities", "names"):
            labels = [entry.partition("=")[0] for entry in getattr(self, key)]
            if len(set(labels)) != len(labels):
                yield Problem("contains a name twice", setting=key)
        for entry in self.names:
            label, equals, name = entry.partition("=")
            if not (label.strip() and equals and name.strip()):
                yield Problem(f'must be as in "1=World", not "{entry}"', setting="names")
        if self.names and self.probabilities:
            yield Problem("cannot be set together with probabilities", setting="names")

    def has_soft_targets(self) -> bool:
        return bool(self.probabilities)

    def read(self, table: Table) -> Examples:
        from zoo_core.data import columns

        texts = columns.join_text_columns(table, self.text, self.joiner)
        splits = columns.read_splits(table, self.split, "split")
        if self.probabilities:
            from zoo_core.data.targets import read_soft_examples

            return read_soft_examples(table, texts, splits, self.probabilities)
        names = {label.strip(): name.strip() for label, _, name in (entry.partition("=") for entry in self.names)}
        return columns.make_examples(texts, columns.read_labels(table, self.label, names), splits)

    def used_columns(self, columns: list[str]) -> Collection[str]:
        texts = (self.text,) if isinstance(self.text, str) else self.text
        return *texts, *self.probabilities, self.label, self.split

    def reads_rows_independently(self) -> bool:
        return True

    def texts(self, table: Table) -> pl.Series:
        from zoo_core.data.columns import prediction_texts

        return prediction_texts(table, self.text, self.joiner)

    def normalize(self, texts: pl.Series) -> pl.Series:
        from zoo_core.features.normalization import normalize

        return normalize(texts, self.normalization)

    def example(self) -> pl.DataFrame | None:
        if not (self.probabilities or self.names):
            return None  # a table of the columns that the settings name
        import polars as pl

        rows, size = range(12), len(self.probabilities)
        texts = {
            name: [f"text {row}" for row in rows]
            for name in ((self.text,) if isinstance(self.text, str) else self.text)
        }
        if self.probabilities:
            of_class = {
                name: [f"{int(row % size == at)}" for row in rows] for at, name in enumerate(self.probabilities)
            }
            return pl.DataFrame({**texts, **of_class})
        labels = [entry.partition("=")[0] for entry in self.names]
        return pl.DataFrame({**texts, self.label: [labels[row % len(labels)] for row in rows]})
