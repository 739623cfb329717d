"""Tokenizers that learn nothing from data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Tokenizer

if TYPE_CHECKING:
    import polars as pl


@frozen
class Characters(Tokenizer):
    """What a reader sees as one character: letters with their marks, flags, emoji; spaces are characters, too.

    Source: Unicode Standard Annex 29, extended grapheme clusters."""

    name = "characters"

    def tokenize(self, texts: pl.Series) -> pl.Series:
        from zoo_tokenizers.graphemes import split_graphemes

        return split_graphemes(texts)
