"""Sequences: token ids in order, embeddings, and the models that read them."""

from __future__ import annotations

from zoo_core import Embedding, hookimpl
from zoo_sequences.embeddings import Hashed, Learned, OneHot


@hookimpl
def zoo_embeddings() -> list[type[Embedding]]:
    return [Learned, Hashed, OneHot]
