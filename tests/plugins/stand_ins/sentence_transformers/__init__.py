"""Stand-in for the package sentence-transformers: an encoder of one static embedding."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sentence_transformers.sentence_transformer.modules import StaticEmbedding


class SentenceTransformer:
    def __init__(self, modules: list[StaticEmbedding], device: str = "cpu") -> None:
        [self.embedding] = modules

    def encode(
        self, sentences: list[str], batch_size: int = 32, show_progress_bar: bool | None = None
    ) -> NDArray[np.float32]:
        return np.stack([self.embedding.encode(sentence) for sentence in sentences])

    def get_embedding_dimension(self) -> int:
        return self.embedding.weights.shape[1]
