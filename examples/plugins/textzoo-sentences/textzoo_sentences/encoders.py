"""Encoder of texts, which needs torch and sentence-transformers."""

from __future__ import annotations

from typing import Any

import torch
from attrs import frozen
from zoo_core import State
from zoo_core.features.layouts import Dense
from zoo_core.features.tokens import Tokens


@frozen(eq=False)
class SentenceEncoder:
    """An encoder of sentence-transformers, which encodes each distinct text once."""

    encoder: Any
    batch_size: int

    @classmethod
    def load(cls, name: str, batch_size: int) -> SentenceEncoder:
        from sentence_transformers import SentenceTransformer

        return cls(SentenceTransformer(name, device="cpu"), batch_size)

    @property
    def num_features(self) -> int:
        return int(self.encoder.get_embedding_dimension())

    def feature_names(self) -> list[str]:
        return []

    def state(self) -> State:
        return {"dimensions": self.num_features}

    def transform(self, tokens: Tokens) -> Dense:
        values = torch.zeros(len(tokens), self.num_features)
        if len(tokens.words):
            embeddings = self.encoder.encode(
                tokens.words.to_list(), batch_size=self.batch_size, show_progress_bar=False
            )
            values[torch.from_numpy(tokens.row_ids())] = torch.as_tensor(embeddings).float()[tokens.codes]
        return Dense(values)
