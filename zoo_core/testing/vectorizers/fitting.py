"""Fit vectorizers to training splits, encode texts, and compare features."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import polars as pl
import torch
from torch import Tensor

from zoo_core.components.contracts import Vectorizer
from zoo_core.components.protocols import Encoder
from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.features.tokens import Tokens, tokenize_column
from zoo_core.testing.assertions import assert_close, assert_equal
from zoo_core.testing.checks import Subject
from zoo_core.testing.vectorizers.texts import Corpus, as_input, splits_for, texts_for

Features = Bag | Sequence | Dense
USUAL = "80 rows of two classes"


def vectorizer_of(subject: Subject) -> Vectorizer:
    """The vectorizer that is checked."""
    return cast(Vectorizer, subject.component)


def tokens_of(subject: Subject, texts: pl.Series) -> Tokens:
    """The tokens of texts."""
    return tokenize_column(as_input(vectorizer_of(subject).input_type, texts), vectorizer_of(subject).tokenize)


def usual_split(subject: Subject, name: str = USUAL) -> Corpus:
    """The training split of a name."""
    return splits_for(vectorizer_of(subject).input_type).makers[name]()


def fit_to(subject: Subject, corpus: Corpus) -> Encoder:
    """Fit the vectorizer to texts and labels."""
    texts, labels = corpus
    return vectorizer_of(subject).fit(tokens_of(subject, texts), labels)


def fit_encoder(subject: Subject) -> Encoder:
    """Fit the vectorizer to the usual training split."""
    return fit_to(subject, usual_split(subject))


def encode(subject: Subject, encoder: Encoder, texts: pl.Series) -> Features:
    """Tokenize texts with the vectorizer and encode them."""
    return encoder.transform(tokens_of(subject, texts))


def texts_to_encode(subject: Subject) -> Iterator[tuple[str, pl.Series]]:
    """The texts of the vectorizer's input type, each with its description."""
    yield from texts_for(vectorizer_of(subject).input_type)


def all_texts(subject: Subject) -> pl.Series:
    """All texts to encode, as one column."""
    return pl.concat([texts for _, texts in texts_to_encode(subject)])


def tensors_of(features: Features) -> dict[str, Tensor]:
    """The tensors of features; a Bag without weights has ones."""
    tensors = {name: getattr(features, name, None) for name in ("ids", "offsets", "values")}
    if isinstance(features, Bag):
        tensors["values"] = features.weights_or_ones()
    return {name: tensor for name, tensor in tensors.items() if isinstance(tensor, Tensor)}


def copy_of(features: Features) -> dict[str, Tensor]:
    """The tensors of features, copied."""
    return {name: tensor.clone() for name, tensor in tensors_of(features).items()}


def assert_same(first: Features, second: Features, what: str, *, exact: bool = False) -> None:
    """Fail with `what` if two features differ."""
    assert first.layout == second.layout, f"{what}: got the layout {first.layout} instead of {second.layout}"
    compare = assert_equal if exact else assert_close
    compare(tensors_of(first), tensors_of(second), what)


def dense_values(features: Features) -> Tensor:
    """Features as a matrix `(rows, width)` float64: values, sums of weights, or counts of ids."""
    if isinstance(features, Dense):
        return features.values.double()
    matrix = torch.zeros(len(features), features.width, dtype=torch.float64)
    rows = torch.repeat_interleave(torch.arange(len(features)), features.lengths())
    weights = features.weights_or_ones() if isinstance(features, Bag) else torch.ones(len(features.ids))
    return matrix.index_put((rows, features.ids.long()), weights.double(), accumulate=True)


def quote(text: str) -> str:
    """A text for a message, shortened."""
    return f'"{text if len(text) <= 40 else text[:37] + "…"}"'
