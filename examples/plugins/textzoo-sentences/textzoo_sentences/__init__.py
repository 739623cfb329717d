"""Texts as the vectors of a sentence encoder, by the interface of sentence-transformers."""

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
    """encode(text): the vector a trained encoder has for the whole text; an empty text is 0.

    The encoder is loaded by its name or from its folder each time: a run does not hold its weights.

    Source: Reimers & Gurevych 2019, "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks"."""

    name = "sentences"
    layout = "dense"
    has_feature_names = False
    encoder: str = setting("sentence-transformers/all-MiniLM-L6-v2", "its name, or its folder", not_empty)
    batch_size: int = setting(32, "texts encoded at once", at_least_one)

    def tokenize(self, texts: pl.Series) -> pl.Series:
        import polars as pl

        return pl.select(pl.concat_list(texts)).to_series()  # the whole text is one token

    def fit(self, tokens: Tokens, labels: torch.Tensor) -> Encoder:
        from textzoo_sentences.encoders import SentenceEncoder

        return SentenceEncoder.named(self.encoder, self.batch_size)

    def restore(self, state: State) -> Encoder:
        encoder = self.fit(None, None)  # type: ignore[arg-type]  # nothing is learned from either
        if state["dimensions"] != encoder.num_features:
            raise ValueError(f"the encoder gives {encoder.num_features} numbers, not {state['dimensions']}")
        return encoder


@hookimpl
def zoo_vectorizers() -> list[type[Vectorizer]]:
    return [Sentences]
