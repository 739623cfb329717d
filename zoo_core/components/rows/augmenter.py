"""The contract of augmenters. Nothing here imports polars, so that listing components is fast."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from zoo_core.components.component import Component, InputType

if TYPE_CHECKING:
    import polars as pl


class Augmenter(Component):
    """Training texts → other training texts of the same labels, anew in every epoch.

    It gets the texts of the training split alone, after the split, and after the vectorizer was fitted on the unchanged
    ones: no text that is validated, tested or predicted is ever changed. It gets texts, not tokens, because the tokens
    of a vectorizer may be parts of words; they are tokenized and encoded again in each epoch.

    Attributes:
        input_type: What a text contains: `"text"` for words, `"numbers"` for `name=value` pairs joined by `"; "`,
            `"fields"` for columns of texts, categories and numbers, as `write_fields` joins them.
        changes_texts: `False` if texts stay as they are, so that they are encoded once.
        may_empty_texts: `True` if a text that is not empty may become so.
    """

    required_methods = ("augment",)
    input_type: ClassVar[InputType] = "text"
    changes_texts: ClassVar[bool] = True
    may_empty_texts: ClassVar[bool] = False

    def augment(self, texts: pl.Series, *, seed: int) -> pl.Series:
        """The texts of an epoch: strings `(rows,)` without nulls, row by row those of `texts`.

        `texts` are the normalized texts of the training split, in the order of the file; words are separated by
        spaces. `seed`, below 2**63, is another in each epoch: with the same one, the texts are the same. Called once in
        each epoch, on the CPU."""
        raise NotImplementedError
