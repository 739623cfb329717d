"""The tokenizer subwords. What it learns is in `byte_pairs`, how it learns it in `byte_pair_training`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import FittedTokenizer, Problem, State, Tokenizer, setting, slot
from zoo_core.components.validators import Bounds, at_least_one

if TYPE_CHECKING:
    import polars as pl

    from zoo_core.features.tokens import Tokens

MAX_SIZE = 1_000_000


@frozen
class Subwords(Tokenizer):
    """Pieces of words by byte pair encoding, learned from the training split: frequent words are one piece.

    The vocabulary starts with the characters. The most frequent pair of neighboring pieces within words becomes a new
    piece, until the vocabulary is full. The pieces of a word, joined, are the word; a character that the training split
    does not have is a piece, too. Training needs the extra `subwords`, a trained run does not.

    Source: Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units"; Hugging Face
    `tokenizers`."""

    name = "subwords"
    vocabulary_size: int = setting(8000, "pieces in the vocabulary, characters included", Bounds(ge=1, le=MAX_SIZE))
    min_frequency: int = setting(2, "a piece enters the vocabulary if it occurs at least this often", at_least_one)
    words: Tokenizer = slot("words", "how a text is split into words, which are then split into pieces")

    def check(self) -> Iterator[Problem]:
        if self.words.learns():
            message = f'tokenizer "{self.words.name}" learns pieces itself, expected one that learns nothing'
            yield Problem(message, setting="words")

    def tokenize(self, texts: pl.Series) -> pl.Series:
        return self.words.tokenize(texts)

    def fit(self, tokens: Tokens) -> FittedTokenizer:
        from zoo_tokenizers.byte_pair_training import learn_byte_pairs

        return learn_byte_pairs(tokens, vocabulary_size=self.vocabulary_size, min_frequency=self.min_frequency)

    def restore(self, state: State) -> FittedTokenizer:
        from zoo_tokenizers.byte_pairs import BytePairs

        return BytePairs.restore(state)
