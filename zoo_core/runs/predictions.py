"""Values that a run takes and returns: columns of texts, predictions, scored splits."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from attrs import frozen
from torch import Tensor

from zoo_core.errors import RecipeError
from zoo_core.evaluation.evaluator import hard_labels


def texts_to_series(texts: Iterable[str]) -> pl.Series:
    """Make a column of texts. Raises RecipeError for a single string, and for the first item that is not a text."""
    if isinstance(texts, str):
        raise RecipeError("texts must be a list of strings, not one string", hint="predict([text])")
    items = list(texts)
    try:
        column = pl.Series("text", items, dtype=pl.String)
    except (TypeError, UnicodeEncodeError):
        raise _invalid_text_error(items) from None
    if column.null_count():
        raise _invalid_text_error(items)
    return column


def _invalid_text_error(items: list[str]) -> RecipeError:
    """The error for the first item that is not a text."""
    number = next(index for index, item in enumerate(items) if not _is_text(item))
    if isinstance(items[number], str):
        return RecipeError(f"text {number} has an unpaired UTF-16 surrogate")
    return RecipeError(f"text {number} is {type(items[number]).__name__}, not a string")


def _is_text(item: object) -> bool:
    return isinstance(item, str) and not any("\ud800" <= character <= "\udfff" for character in item)


@frozen(eq=False)
class Predictions:
    """Predictions, one row for each text.

    `indices` `(rows,)` are the predicted classes, `values` `(rows, classes)` the probabilities, or scores if
    `are_scores`.
    """

    classes: tuple[str, ...]
    indices: Tensor
    values: Tensor
    are_scores: bool

    def label_series(self) -> pl.Series:
        """The label of each row, as a column."""
        return pl.Series("label", self.classes, dtype=pl.String).gather(pl.Series(self.indices.numpy()))

    @property
    def labels(self) -> list[str]:
        """The label of each row, as a new list."""
        return self.label_series().to_list()


@frozen(eq=False)
class ScoredSplit:
    """Scores `(rows, outputs)` of a split of a file, or of all its rows (`split` is "").

    `loss_targets` are class indices `(rows,)` or probabilities `(rows, classes)`.
    """

    scores: Tensor
    loss_targets: Tensor
    source: str
    split: str

    @property
    def targets(self) -> Tensor:
        """The true classes as indices `(rows,)`; of probabilities, the most probable class."""
        return hard_labels(self.loss_targets)
