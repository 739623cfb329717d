"""Bags of n-grams: vectorizers, weightings, and models for many sparse features."""

from __future__ import annotations

from zoo_core import Model, Scheduler, Vectorizer, Weighting, hookimpl
from zoo_ngrams.models import EmbeddingBag, Linear
from zoo_ngrams.schedulers import LinearDecay
from zoo_ngrams.vectorizers import HashedNgrams, Ngrams
from zoo_ngrams.weightings import Binary, Count, LogCountRatio, Sublinear, TfIdf


@hookimpl
def zoo_vectorizers() -> list[type[Vectorizer]]:
    return [Ngrams, HashedNgrams]


@hookimpl
def zoo_weightings() -> list[type[Weighting]]:
    return [Binary, Count, Sublinear, TfIdf, LogCountRatio]


@hookimpl
def zoo_models() -> list[type[Model]]:
    return [Linear, EmbeddingBag]


@hookimpl
def zoo_schedulers() -> list[type[Scheduler]]:
    return [LinearDecay]
