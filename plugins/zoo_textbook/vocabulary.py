"""Vocabulary: a mapping between words and indices (Rao & McMahan, section 3.6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from attrs import field, frozen

UNKNOWN = "<UNK>"


@frozen
class Vocabulary:
    """Words and their indices; index 0 is the unknown word, which represents every other word.

    >>> vocabulary = Vocabulary.from_words(["good", "food"])
    >>> vocabulary.index("food"), vocabulary.index("fod"), vocabulary.word(1), len(vocabulary)
    (2, 0, 'good', 3)
    """

    words: tuple[str, ...]
    _indices: dict[str, int] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        indices = {word: index for index, word in enumerate(self.words)}
        if not self.words or self.words[0] != UNKNOWN:
            raise ValueError(f"the first word of a vocabulary must be {UNKNOWN}")
        if len(indices) != len(self.words):
            raise ValueError("the vocabulary contains a word twice")
        object.__setattr__(self, "_indices", indices)

    @classmethod
    def from_words(cls, words: Iterable[str]) -> Self:
        """Make a vocabulary of the unknown word and these words, in this order."""
        return cls((UNKNOWN, *words))

    def __len__(self) -> int:
        return len(self.words)

    def index(self, word: str) -> int:
        """Return the index of a word; 0, the index of the unknown word, if it is not in the vocabulary."""
        return self._indices.get(word, 0)

    def word(self, index: int) -> str:
        """Return the word with an index; IndexError if there is none."""
        if index < 0:
            raise IndexError(f"negative vocabulary index: {index}")
        return self.words[index]

    def state(self) -> list[str]:
        """Return the words as plain data, which the constructor accepts as a tuple."""
        return list(self.words)
