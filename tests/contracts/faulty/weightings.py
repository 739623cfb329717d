"""Faulty weightings."""

from __future__ import annotations

import torch

from tests.contracts.faulty import faulty
from zoo_ngrams.feature_statistics import document_frequency
from zoo_ngrams.weightings import Count, LogCountRatio, TfIdf


def with_global(scale, base=TfIdf, **members):
    return faulty(base, global_weights=lambda self, counts, labels: scale(counts, labels), **members)


def with_local(call):
    return faulty(Count, local_weights=lambda self, counts: call(counts))


def idf(counts, labels):
    return (len(counts) / document_frequency(counts)).log().float()


def ratio(counts, labels):
    one, other = (document_frequency(counts.take((labels == label).nonzero()[:, 0])) for label in (0, 1))
    return ((one + 1) / one.sum() / ((other + 1) / other.sum())).log().abs().float()


SOUND = [with_global(lambda c, y: torch.ones(c.width)), with_local(torch.sqrt)]
FAULTS = [
    ("finite-global-weights", "infinity for a feature in no text", with_global(idf)),
    ("finite-global-weights", "float64", with_global(lambda c, y: document_frequency(c) + 1.0)),
    (
        "finite-global-weights",
        "only for features that appear",
        with_global(lambda c, y: torch.ones(len(c.ids.unique()))),
    ),
    ("positive-local-weights", "0 for a count of 1", with_local(torch.log)),
    ("positive-local-weights", "decreasing in the count", with_local(torch.reciprocal)),
    ("local-weights-are-elementwise", "divided by the total", with_local(lambda counts: counts / counts.sum())),
    ("labels-as-declared", "uses labels without declaring it", faulty(LogCountRatio, needs_labels=False)),
    ("labels-as-declared", "declares labels that it does not use", faulty(TfIdf, needs_labels=True)),
    ("counts-as-declared", "uses counts without declaring it", faulty(Count, needs_counts=False)),
    (
        "counts-as-declared",
        "global weights from counts",
        with_global(
            lambda c, y: torch.bincount(c.ids, c.weights_or_ones(), minlength=c.width).float() + 1,
            needs_counts=False,
            local_weights=lambda self, counts: counts.new_ones(counts.shape),
        ),
    ),
    ("deterministic", "random without the seed", with_global(lambda c, y: torch.rand(c.width))),
    ("does-not-modify-input", "modifies its input", with_local(lambda counts: counts.log1p_())),
    ("one-class-only", "divides by the texts of a class", with_global(ratio, LogCountRatio)),
]
