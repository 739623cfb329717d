"""What a trained run is asked with, and what it answers."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from attrs import frozen
from torch import Tensor

from zoo_core.errors import RecipeError
from zoo_core.evaluation import likeliest


def text_series(texts: Iterable[str]) -> pl.Series:
    """A column of texts; RecipeError for a single string, and for what is no string."""
    if isinstance(texts, str):
        raise RecipeError("texts must be a list of strings, not one string", hint="predict([text])")
    items = list(texts)
    for number, item in enumerate(items):
        if not isinstance(item, str):
            raise RecipeError(f"text {number} is {type(item).__name__}, not a string")
    return pl.Series("text", items, dtype=pl.String)


@frozen
class Predictions:
    """One row for each text: `labels`, and `values` `(rows, classes)`, probabilities unless `are_scores`."""

    classes: tuple[str, ...]
    labels: list[str]
    values: Tensor
    are_scores: bool


@frozen(eq=False)
class Scored:
    """Scores `(rows, outputs)` of a split of a file, or of all of it (`split` is ""); `truth` is the loss's target."""

    scores: Tensor
    truth: Tensor
    source: str
    split: str

    @property
    def targets(self) -> Tensor:
        """The true classes, as indices `(rows,)`."""
        return likeliest(self.truth)
