"""Texts as a model gets them: their tokens, the features of each, and the vectors."""

from __future__ import annotations

from typing import Self

import polars as pl
import torch
from attrs import frozen
from torch import Tensor

from zoo_core.components.encoding.tokenized_encoder import final_tokens
from zoo_core.components.protocols import Encoder
from zoo_core.errors import RecipeError
from zoo_core.evaluation.shown_tables import ShownAsTable
from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.features.tokens import Tokens


@frozen(eq=False, repr=False)
class EncodedTexts(ShownAsTable):
    """Encoded texts, which print as a table of their features.

    `words` are the tokens of each text, in order. `names` are the names of the features of `vectors`, in order; () if
    they have none.
    """

    words: tuple[tuple[str, ...], ...]
    features: Bag | Dense | Sequence
    names: tuple[str, ...]

    @classmethod
    def of_tokens(cls, encoder: Encoder, tokens: Tokens, names: tuple[str, ...]) -> Self:
        """Encode texts, whose words are the tokens that the encoder makes features of."""
        encoder, tokens = final_tokens(encoder, tokens)
        words = tuple(tuple(tokens.row(row)) for row in range(len(tokens)))
        return cls(words, encoder.transform(tokens), names)

    def __len__(self) -> int:
        return len(self.words)

    @property
    def vectors(self) -> Tensor:
        """The vectors `(texts, features)` float; of a sequence, the ids `(texts, longest)` int64, padded with 0.

        Of a text in windows, the ids are those of one window after the other.
        """
        if isinstance(self.features, Sequence):
            return Sequence(self.features.ids, self.features.row_offsets(), self.features.width).padded()[0]
        return self.features.to_dense() if isinstance(self.features, Bag) else self.features.values

    @property
    def vector(self) -> Tensor:
        """The vector of the only text `(features,)`. Raises RecipeError for several texts."""
        if len(self) != 1:
            raise RecipeError(f"got {len(self)} texts, expected one for `vector`", hint="use `vectors`")
        return self.vectors[0]

    def frame(self) -> pl.DataFrame:
        """A row for each feature of a text that is not 0: the text (from 0), its name or number, and its value."""
        rows, ids, values = self._entries()
        features = pl.Series("feature", ids.numpy())
        if self.names:
            features = pl.Series("feature", self.names, dtype=pl.String).gather(features)
        return pl.DataFrame({"text": rows.numpy(), "feature": features, "value": values.numpy()})

    def _entries(self) -> tuple[Tensor, Tensor, Tensor]:
        if isinstance(self.features, Bag):
            return self.features.row_ids(), self.features.ids.long(), self.features.weights_or_ones()
        if isinstance(self.features, Sequence):
            lengths = self.features.lengths()
            rows = torch.repeat_interleave(torch.arange(len(lengths)), lengths)
            return rows, self.features.ids.long(), torch.ones(len(rows))
        rows, ids = self.features.values.nonzero(as_tuple=True)
        return rows, ids, self.features.values[rows, ids]
