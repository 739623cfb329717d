"""Faulty weightings."""

from __future__ import annotations

import torch

from tests.contracts.faulty import faulty
from zoo_ngrams.statistics import document_frequency
from zoo_ngrams.weightings import Count, LogCountRatio, TfIdf


def scaled(scale, base=TfIdf, **members):
    return faulty(base, global_weights=lambda self, counts, labels: scale(counts, labels), **members)


def local(call):
    return faulty(Count, local_weights=lambda self, counts: call(counts))


def idf(counts, labels):
    return (len(counts) / document_frequency(counts)).log().float()


def ratio(counts, labels):
    one, other = (document_frequency(counts.take((labels == label).nonzero()[:, 0])) for label in (0, 1))
    return ((one + 1) / one.sum() / ((other + 1) / other.sum())).log().abs().float()


SOUND = [scaled(lambda c, y: torch.ones(c.width)), local(torch.sqrt)]
FAULTS = [
    ("finite-global-weights", "a feature in no text", scaled(idf)),
    ("finite-global-weights", "in double precision", scaled(lambda c, y: document_frequency(c) + 1.0)),
    (
        "finite-global-weights",
        "only for what was seen",
        scaled(lambda c, y: torch.ones(len(c.ids.unique()))),
    ),
    ("positive-local-weights", "log of one", local(torch.log)),
    ("positive-local-weights", "the rarer the heavier", local(torch.reciprocal)),
    ("local-weights-are-elementwise", "divided by the largest", local(lambda counts: counts / counts.sum())),
    ("labels-as-declared", "looks and does not say so", faulty(LogCountRatio, needs_labels=False)),
    ("labels-as-declared", "says so and does not look", faulty(TfIdf, needs_labels=True)),
    ("counts-as-declared", "counts, and says it does not", faulty(Count, needs_counts=False)),
    (
        "counts-as-declared",
        "a scale of counts",
        scaled(
            lambda c, y: torch.bincount(c.ids, c.weights_or_ones(), minlength=c.width).float() + 1,
            needs_counts=False,
            local_weights=lambda self, counts: counts.new_ones(counts.shape),
        ),
    ),
    ("deterministic", "random of its own", scaled(lambda c, y: torch.rand(c.width))),
    ("does-not-modify-input", "in place", local(lambda counts: counts.log1p_())),
    ("one-class-only", "divides by a class's texts", scaled(ratio, LogCountRatio)),
]
