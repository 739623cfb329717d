"""Encoder of token ids: columns of tokens to a Sequence, in native code."""

from __future__ import annotations

import numpy as np
import polars as pl
import torch
from attrs import frozen
from numpy.typing import NDArray

from zoo_core.components.protocols import State
from zoo_core.errors import DataError
from zoo_core.features.counting import map_row_ranges
from zoo_core.features.cut_texts import CutTexts
from zoo_core.features.layouts import Sequence
from zoo_core.features.tokens import Tokens
from zoo_core.memory import require_memory
from zoo_sequences.text_pieces import Reading

SPECIAL = ("<PAD>", "<UNK>")  # the names of the ids 0 and 1
UNKNOWN = SPECIAL.index("<UNK>")
CHUNK_ROWS = 8192
BYTES_PER_TOKEN = 28  # that is read: its id, the positions that it is looked up by, and the batch that it is in


def frequent_words(tokens: Tokens, min_count: int, max_size: int) -> tuple[str, ...]:
    """The tokens that occur often enough, by falling count, then in alphabetical order.

    Raises DataError if there are none.
    """
    table = pl.DataFrame({"word": tokens.words, "count": tokens.counts()})
    table = table.filter((pl.col("count") >= min_count) & ~pl.col("word").is_in(SPECIAL))
    if not table.height:
        message = f"the vocabulary has no word: none occurs {min_count} times in the training texts"
        raise DataError(message, hint="lower vectorizer.min_count")
    words: pl.Series = table.sort(["count", "word"], descending=[True, False])["word"]
    return tuple(words.head(max_size) if max_size else words)


def read_words(state: State) -> tuple[str, ...]:
    """The words of a stored state. Raises ValueError or KeyError for any other state."""
    words = state["words"]
    if not isinstance(words, list) or not words or not all(isinstance(word, str) and word for word in words):
        raise ValueError("words must be a list of strings that are not empty")
    if len({*words, *SPECIAL}) != len(words) + len(SPECIAL):
        raise ValueError(f"words contains a word twice, or one of {', '.join(SPECIAL)}")
    return tuple(words)


@frozen(eq=False)
class TokenIdEncoder:
    """The id of each token; `words` are those of the ids from 2 on."""

    words: tuple[str, ...]
    reading: Reading

    @property
    def num_features(self) -> int:
        return len(SPECIAL) + len(self.words)

    def feature_names(self) -> list[str]:
        return [*SPECIAL, *self.words]

    def state(self) -> State:
        return {"words": list(self.words)}

    def transform(self, tokens: Tokens) -> Sequence:
        ids_of_words = self._ids_of(tokens.words)
        pieces = self.reading.pieces(tokens.offsets)
        read = int(pieces.lengths.sum())
        require_memory(read * BYTES_PER_TOKEN, f"reading {read:,} tokens, of {len(tokens.raw_codes):,} in the texts,")

        def encode(start: int, stop: int) -> NDArray[np.int32]:
            return ids_of_words.take(tokens.raw_codes.take(pieces.positions(start, stop)))

        ids = np.concatenate(map_row_ranges(len(tokens), encode, chunk=CHUNK_ROWS))
        windows = torch.from_numpy(pieces.rows) if pieces.are_windows else None
        return Sequence(torch.from_numpy(ids), torch.from_numpy(pieces.offsets()), self.num_features, windows)

    def cut_texts(self, tokens: Tokens) -> CutTexts:
        if self.reading.long_texts == "windows":
            return CutTexts()
        lost = np.maximum(np.diff(tokens.offsets) - self.reading.max_length, 0)
        return CutTexts(int((lost > 0).sum()), int(lost.sum()), len(tokens.raw_codes))

    def _ids_of(self, words: pl.Series) -> NDArray[np.int32]:
        """The id of each word `(words,)`."""
        known = words.cast(pl.Enum(self.words), strict=False).to_physical().cast(pl.Int32)
        return (known + len(SPECIAL)).fill_null(UNKNOWN).to_numpy()
