from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer


class StaticEmbedding:
    """The mean of the embeddings of the words of a text; 0 for an empty text."""

    def __init__(self, tokenizer: Tokenizer, embedding_weights: NDArray[np.float32]) -> None:
        self.tokenizer, self.weights = tokenizer, embedding_weights

    def encode(self, text: str) -> NDArray[np.float32]:
        ids = self.tokenizer.ids(text)
        return self.weights[ids].mean(axis=0) if ids else np.zeros_like(self.weights[0])
