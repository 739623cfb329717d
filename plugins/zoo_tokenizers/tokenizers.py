"""Tokenizers that learn nothing from data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Tokenizer, setting

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


@frozen
class Words(Tokenizer):
    """Words at the word boundaries of Unicode: punctuation is apart from words, "don't" and "3.14" are one each.

    Spaces are dropped. Chinese characters, hiragana and Thai letters are each a token: Unicode finds their words by
    no rule.

    Source: Unicode Standard Annex 29, default word boundaries."""

    name = "words"
    punctuation: bool = setting(True, "whether tokens that consist of punctuation only are kept")

    def tokenize(self, texts: pl.Series) -> pl.Series:
        from zoo_tokenizers.word_boundaries import drop_punctuation, split_words

        return split_words(texts) if self.punctuation else drop_punctuation(split_words(texts))


@frozen
class Bytes(Tokenizer):
    """The bytes of a text in UTF-8, each as two hexadecimal digits: 256 tokens, whatever the language.

    Source: Gillick et al. 2016, "Multilingual Language Processing From Bytes"."""

    name = "bytes"

    def tokenize(self, texts: pl.Series) -> pl.Series:
        from zoo_tokenizers.utf8 import split_bytes

        return split_bytes(texts)
