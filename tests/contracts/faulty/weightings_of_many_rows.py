"""Faulty weightings: many rows, large counts, missing classes, and the order of rows and features."""

from __future__ import annotations

import torch

from tests.contracts.faulty.weightings import with_global, with_local
from zoo_ngrams.feature_statistics import class_frequency, document_frequency
from zoo_ngrams.weightings import LogCountRatio, TfIdf


def probabilistic(counts, labels):
    texts = document_frequency(counts)
    return ((len(counts) - texts) / texts.clamp(min=1)).log().float()


def by_class(counts, labels):
    classes = labels.unique()
    found = torch.zeros(len(classes), counts.width)
    for label in labels.tolist():
        found[label] += 1
    return class_frequency(counts, labels).amax(0).float() + 1


def standard(counts, labels):
    weights = counts.weights_or_ones()
    scale = (weights - weights.mean()) / weights.std()
    return torch.zeros(counts.width).index_add_(0, counts.ids.long(), scale)


def in_bytes(counts, labels):
    texts = torch.zeros(counts.width, dtype=torch.uint8)
    texts.index_add_(0, counts.ids.long(), torch.ones(len(counts.ids), dtype=torch.uint8))
    return ((1 + len(counts)) / (1.0 + texts)).log() + 1


def of_first_rows(counts, labels):
    few = counts.slice(0, min(10, len(counts)))
    return ((1 + len(few)) / (1 + document_frequency(few))).log().float() + 1


def by_last_row(counts, labels):
    """The number of the last row with the feature."""
    rows = torch.zeros(counts.width)
    rows[counts.ids.long()] = counts.row_ids().float() + 1
    return rows + 1


def by_rank(counts, labels):
    return (torch.arange(counts.width) + 2.0).log()


def shifted(counts, labels):
    return TfIdf().global_weights(counts, labels).roll(1)


def unbiased(counts, labels):
    return (document_frequency(counts) / (len(counts) - 1)).float() + 1


def to_unit(counts, labels):
    weights = TfIdf().global_weights(counts, labels)
    return (weights - weights.min()) / (weights.max() - weights.min()) + 1


def of_two(counts, labels):
    """The ratio of the first two classes, which other texts do not change."""
    one, other = class_frequency(counts, labels)[:2] + 1
    return (one / one.sum() / (other / other.sum())).log().abs().float()


def relative(counts):
    return counts / counts.max() if len(counts) > 100 else counts


SLOW = True
SOUND = [with_global(lambda c, y: c.weights_or_ones().new_ones(c.width))]
FAULTS = [
    ("finite-global-weights", "log of 0 for a feature of every text", with_global(probabilistic)),
    ("finite-global-weights", "divides by the deviation of equal counts", with_global(standard)),
    ("finite-global-weights", "divides by the rows but one", with_global(unbiased)),
    ("finite-global-weights", "scales one feature to its range", with_global(to_unit)),
    ("one-class-only", "as many classes as there are labels", with_global(by_class, LogCountRatio)),
    ("one-class-only", "unpacks two classes", with_global(of_two, LogCountRatio)),
    ("counts-rows-without-overflow", "document frequencies in a byte", with_global(in_bytes)),
    ("row-order-does-not-matter", "only the first ten rows", with_global(of_first_rows)),
    ("row-order-does-not-matter", "the last row of a feature", with_global(by_last_row)),
    ("features-are-interchangeable", "the rank of a feature", with_global(by_rank)),
    ("features-are-interchangeable", "shifted by one", with_global(shifted)),
    ("positive-local-weights", "16 bits", with_local(lambda counts: counts.to(torch.int16).float())),
    ("positive-local-weights", "half precision", with_local(lambda counts: counts.half().float())),
    ("positive-local-weights", "64 bits", with_local(lambda counts: counts.double().sqrt())),
    ("local-weights-are-elementwise", "relative to the largest of many", with_local(relative)),
]
