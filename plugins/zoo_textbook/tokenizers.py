"""The tokenizer of the textbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Tokenizer

if TYPE_CHECKING:
    import polars as pl


@frozen
class Spaces(Tokenizer):
    """The words between spaces, as a normalized text has them.

    Source: Rao & McMahan, section 3.6."""

    name = "spaces"

    def tokenize(self, texts: pl.Series) -> pl.Series:
        return texts.str.split(" ")
