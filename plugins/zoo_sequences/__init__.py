"""Sequences: token ids in order, embeddings, and the models that read them."""

from __future__ import annotations

from zoo_core import Embedding, Model, Vectorizer, hookimpl
from zoo_sequences.embeddings import Hashed, Learned, OneHot, Pretrained
from zoo_sequences.models.convolutional import CNN, ConvStack
from zoo_sequences.models.recurrent import GRU, LSTM, RNN
from zoo_sequences.models.transformer import Transformer
from zoo_sequences.vectorizers import TokenIds


@hookimpl
def zoo_embeddings() -> list[type[Embedding]]:
    return [Learned, Pretrained, Hashed, OneHot]


@hookimpl
def zoo_models() -> list[type[Model]]:
    return [CNN, ConvStack, RNN, GRU, LSTM, Transformer]


@hookimpl
def zoo_vectorizers() -> list[type[Vectorizer]]:
    return [TokenIds]
