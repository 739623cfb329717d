"""Stand-in for the package tokenizers: a tokenizer with a vocabulary of words, split at spaces."""

from __future__ import annotations

from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace


class Tokenizer:
    def __init__(self, model: WordLevel) -> None:
        self.model, self.pre_tokenizer = model, Whitespace()

    def ids(self, text: str) -> list[int]:
        unknown = self.model.vocab[self.model.unk_token]
        return [self.model.vocab.get(word, unknown) for word in self.pre_tokenizer.split(text)]
