"""What a trained run is asked with, and what it answers."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from attrs import frozen
from torch import Tensor

from zoo_core.errors import RecipeError
from zoo_core.evaluation.evaluator import hard_labels


def texts_to_series(texts: Iterable[str]) -> pl.Series:
    """A column of texts, made natively; RecipeError for a single string, and for the first that is no text."""
    if isinstance(texts, str):
        raise RecipeError("texts must be a list of strings, not one string", hint="predict([text])")
    items = list(texts)
    try:
        column = pl.Series("text", items, dtype=pl.String)
    except (TypeError, UnicodeEncodeError):
        raise _no_text(items) from None
    if column.null_count():
        raise _no_text(items)
    return column


def _no_text(items: list[str]) -> RecipeError:
    """What is wrong with the first of these that is no text."""
    number = next(at for at, item in enumerate(items) if not _is_text(item))
    if isinstance(items[number], str):
        return RecipeError(f"text {number} has half a surrogate pair, which is no character")
    return RecipeError(f"text {number} is {type(items[number]).__name__}, not a string")


def _is_text(item: object) -> bool:
    return isinstance(item, str) and not any("\ud800" <= letter <= "\udfff" for letter in item)


@frozen(eq=False)
class Predictions:
    """One row for each text: `indices` of classes `(rows,)`, and `values` `(rows, classes)`, probabilities unless
    `are_scores`."""

    classes: tuple[str, ...]
    indices: Tensor
    values: Tensor
    are_scores: bool

    def label_series(self) -> pl.Series:
        """The label of each row, as a column."""
        return pl.Series("label", self.classes, dtype=pl.String).gather(pl.Series(self.indices.numpy()))

    @property
    def labels(self) -> list[str]:
        """The label of each row, made anew with each call."""
        return self.label_series().to_list()


@frozen(eq=False)
class ScoredSplit:
    """Scores `(rows, outputs)` of a split of a file, or of all of it (`split` is ""); `truth` is the loss's target."""

    scores: Tensor
    loss_targets: Tensor
    source: str
    split: str

    @property
    def targets(self) -> Tensor:
        """The true classes, as indices `(rows,)`."""
        return hard_labels(self.loss_targets)
