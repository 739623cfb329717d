"""The vocabulary: words ↔ numbers, as the textbook's section 3.6 describes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from attrs import field, frozen

UNKNOWN = "<UNK>"


@frozen
class Vocabulary:
    """Words and the number of each; number 0 is the unknown word, which stands for every other.

    >>> vocabulary = Vocabulary.of(["good", "food"])
    >>> vocabulary.index("food"), vocabulary.index("fod"), vocabulary.word(1), len(vocabulary)
    (2, 0, 'good', 3)
    """

    words: tuple[str, ...]
    _indices: dict[str, int] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        indices = {word: index for index, word in enumerate(self.words)}
        if not self.words or self.words[0] != UNKNOWN:
            raise ValueError(f"the first word of a vocabulary is {UNKNOWN}")
        if len(indices) != len(self.words):
            raise ValueError("a word stands twice in the vocabulary")
        object.__setattr__(self, "_indices", indices)

    @classmethod
    def of(cls, words: Iterable[str]) -> Self:
        """A vocabulary of the unknown word and these, in this order."""
        return cls((UNKNOWN, *words))

    def __len__(self) -> int:
        return len(self.words)

    def index(self, word: str) -> int:
        """The number of a word; 0, the unknown word's, for one it does not hold."""
        return self._indices.get(word, 0)

    def word(self, index: int) -> str:
        """The word of a number; IndexError for one there is none of."""
        if index < 0:
            raise IndexError(f"no word has the number {index}")
        return self.words[index]

    def state(self) -> list[str]:
        """The words as plain data, from which the constructor makes the same vocabulary."""
        return list(self.words)
