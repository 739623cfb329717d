"""Embeddings of whole texts by an encoder of sentence-transformers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen
from zoo_core import Encoder, State, Vectorizer, hookimpl, setting
from zoo_core.components.validators import at_least_one, not_empty

if TYPE_CHECKING:
    import polars as pl
    import torch
    from zoo_core.features.tokens import Tokens


@frozen
class Sentences(Vectorizer):
    """Embedding of the whole text by a pretrained encoder; 0 for an empty text.

    The encoder is loaded by name or from a folder. A run does not store its weights.

    Source: Reimers & Gurevych 2019, "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks"."""

    name = "sentences"
    layout = "dense"
    has_feature_names = False
    encoder: str = setting("sentence-transformers/all-MiniLM-L6-v2", "name or folder of the encoder", not_empty)
    batch_size: int = setting(32, "texts per batch of the encoder", at_least_one, no_effect="only the speed changes")

    def tokenize(self, texts: pl.Series) -> pl.Series:
        import polars as pl

        return pl.select(pl.concat_list(texts)).to_series()  # the whole text is one token

    def fit(self, tokens: Tokens, labels: torch.Tensor) -> Encoder:
        from textzoo_sentences.encoders import SentenceEncoder

        return SentenceEncoder.load(self.encoder, self.batch_size)

    def restore(self, state: State) -> Encoder:
        encoder = self.fit(None, None)  # type: ignore[arg-type]  # it does not learn from data
        if state["dimensions"] != encoder.num_features:
            raise ValueError(f"the encoder has {encoder.num_features} dimensions, not {state['dimensions']}")
        return encoder


@hookimpl
def zoo_vectorizers() -> list[type[Vectorizer]]:
    return [Sentences]
