"""Classifying any file of texts, or of numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from zoo_core import Problem, Task, setting
from zoo_core.components.validators import not_empty

if TYPE_CHECKING:
    import polars as pl

    from zoo_core.components.examples import Examples
    from zoo_core.components.table import Table

LABEL, SPLIT = "the column of labels", "the column of splits, used where the file has it"


@frozen
class TextClassification(Task):
    """Any table with texts and labels, two classes or more; or with a probability for each class.

    Source: Rao & McMahan, section 1.1 (supervised learning)."""

    name = "text-classification"
    text: str | tuple[str, ...] = setting("text", "the column of texts, or several that make one text", not_empty)
    joiner: str = setting(" ", "what stands between the texts of several columns")
    label: str = setting("label", LABEL, not_empty)
    names: tuple[str, ...] = setting((), 'what labels are called, as in "1=World"; [] for what the file says')
    probabilities: tuple[str, ...] = setting((), "a column of probabilities for each class, in place of labels")
    split: str = setting("split", SPLIT, not_empty)
    normalization: Literal["book", "unicode", "none"] = setting("unicode", "how a text is made plain")

    def check(self) -> Iterator[Problem]:
        if len(self.probabilities) == 1:
            yield Problem("must name a column for each of two classes or more", setting="probabilities")
        for key in ("probabilities", "names"):
            told = [one.partition("=")[0] for one in getattr(self, key)]
            if len(set(told)) != len(told):
                yield Problem("names one twice", setting=key)
        for one in self.names:
            label, is_called, name = one.partition("=")
            if not (label.strip() and is_called and name.strip()):
                yield Problem(f'must be as in "1=World", not "{one}"', setting="names")
        if self.names and self.probabilities:
            yield Problem("cannot be set together with probabilities", setting="names")

    def has_soft_targets(self) -> bool:
        return bool(self.probabilities)

    def read(self, table: Table) -> Examples:
        from zoo_core.data import columns as examples

        texts = examples.join_text_columns(table, self.text, self.joiner)
        splits = examples.read_splits(table, self.split, "split")
        if self.probabilities:
            from zoo_core.data.targets import read_soft_examples

            return read_soft_examples(table, texts, splits, self.probabilities)
        called = {label.strip(): name.strip() for label, _, name in (one.partition("=") for one in self.names)}
        return examples.make_examples(texts, examples.read_labels(table, self.label, called), splits)

    def reads_rows_independently(self) -> bool:
        return True

    def texts(self, table: Table) -> pl.Series:
        from zoo_core.data.columns import prediction_texts

        return prediction_texts(table, self.text, self.joiner)

    def normalize(self, texts: pl.Series) -> pl.Series:
        from zoo_core.features.normalization import normalize

        return normalize(texts, self.normalization)
