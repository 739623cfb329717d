"""Korean texts split into morphemes by Kiwi."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen
from zoo_core import Tokenizer, hookimpl, setting

if TYPE_CHECKING:
    import polars as pl


@frozen
class Kiwi(Tokenizer):
    """Morphemes of Korean: "음식이 맛있다" is 음식, 이, 맛있, 다. Words in other scripts stay whole.

    Source: Kiwi (Korean Intelligent Word Identifier), the package kiwipiepy."""

    name = "kiwi"
    grammar: bool = setting(True, "whether particles and endings, the tags J and E, are kept")
    tags: bool = setting(False, "whether the part of speech is a part of each token, as in 음식/NNG")

    def tokenize(self, texts: pl.Series) -> pl.Series:
        from textzoo_korean.morphemes import split_morphemes

        return split_morphemes(texts, grammar=self.grammar, tags=self.tags)


@hookimpl
def zoo_tokenizers() -> list[type[Tokenizer]]:
    return [Kiwi]
