"""Faulty metrics."""

from __future__ import annotations

import torch

from tests.contracts.faulty import faulty
from zoo_core.evaluation.intervals.interval import wilson_interval
from zoo_textbook.metrics.label_metrics import Accuracy, LogLoss


class Rows:
    """Stores every row; `metric(predicted, targets)` is the metric of all of them."""

    def __init__(self, metric):
        self.metric, self.predicted, self.targets = metric, [], []

    def update(self, predicted, targets):
        self.predicted.append(predicted)
        self.targets.append(targets)

    def compute(self):
        return self.metric(torch.cat(self.predicted), torch.cat(self.targets))


class MeanOfMeans(Rows):
    def compute(self):
        batches = zip(self.predicted, self.targets, strict=True)
        return sum(self.metric(*batch) for batch in batches) / len(self.targets)


class LastBatch(Rows):
    def compute(self):
        return self.metric(self.predicted[-1], self.targets[-1])


class ClearsOnCompute(Rows):
    def compute(self):
        value = super().compute() if self.targets else 0.0
        self.predicted, self.targets = [], []
        return value


class StoredInTheClass(Rows):
    hits: list = []

    def update(self, predicted, targets):
        self.hits.extend((predicted == targets).tolist())

    def compute(self):
        return sum(self.hits) / len(self.hits)


class SortsInput(Rows):
    def update(self, predicted, targets):
        super().update(predicted.clone(), targets.clone())
        predicted.copy_(predicted.sort(dim=0).values)


def share(predicted, targets):
    return float((predicted == targets).double().mean())


def streak(predicted, targets):
    hits = (predicted == targets).double()
    return float((hits * torch.arange(1, len(hits) + 1)).sum() / len(hits) ** 2)


def precision(predicted, targets):
    called = predicted == 1
    return float((called & (targets == 1)).sum().double() / called.sum())


def log_loss(probabilities, targets):
    return float(-probabilities[torch.arange(len(targets)), 0].log().mean())


def rank_sum(probabilities, targets):
    """The mean rank of the rows of the last class by its probability."""
    ranks = probabilities[:, -1].argsort(stable=True).argsort() + 1.0
    rows = targets == targets.max()
    return float(ranks[rows].mean() / len(rows))


class HasInterval(Rows):
    """`ends(value, rows, level)` are those of the interval."""

    def __init__(self, metric, ends):
        super().__init__(metric)
        self.ends = ends

    def interval(self, level):
        return self.ends(self.compute(), len(torch.cat(self.targets)), level)


class ForgetsItsRows(HasInterval):
    def interval(self, level):
        found = super().interval(level)
        self.predicted, self.targets = self.predicted[-1:], self.targets[-1:]
        return found


def wilson(value, rows, level):
    found = wilson_interval(value * rows, rows, level)
    return found.low, found.high


def with_interval(ends, accumulator=HasInterval):
    return of(share, lambda metric: accumulator(metric, ends))


def of(metric, accumulator=Rows, base=Accuracy, **members):
    usual = {"is_accuracy": False, "targets": ("single-label",)}
    return faulty(base, build=lambda self, head: accumulator(metric), **{**usual, **members})


OF_MORE_ROWS = "own-interval-contains-the-value-of-more-rows"
SOUND = [of(share), of(share, is_accuracy=True), with_interval(wilson)]
FAULTS = [
    ("independent-of-batches-and-order", "a mean of the batches' means", of(share, MeanOfMeans)),
    ("independent-of-batches-and-order", "only the last batch", of(share, LastBatch)),
    ("independent-of-batches-and-order", "weights later rows more", of(streak)),
    ("independent-of-batches-and-order", "ranks ties in the order of the rows", of(rank_sum, base=LogLoss)),
    ("finite-for-any-rows", "a tensor", of(lambda p, y: (p == y).double().mean())),
    ("correct-is-better-than-wrong", "the wrong direction", of(share, higher_is_better=False)),
    ("correct-is-better-than-wrong", "always the probability of the first class", of(log_loss, base=LogLoss)),
    ("values-are-in-range", "twice its range", of(lambda p, y: 2 * share(p, y))),
    ("finite-for-any-rows", "divides by the predicted rows", of(precision)),
    (
        "is-accuracy-as-declared",
        "computes something else",
        of(lambda p, y: share(p, y) ** 2, is_accuracy=True),
    ),
    ("own-interval-is-in-range", "beyond the range", with_interval(lambda value, *_: (value - 0.1, value + 0.1))),
    ("own-interval-is-in-range", "the higher end first", with_interval(lambda *found: wilson(*found)[::-1])),
    ("own-interval-is-in-range", "is not a number", with_interval(lambda *_: (0.0, float("nan")))),
    ("own-interval-is-in-range", "wider at a lower level", with_interval(lambda v, n, level: wilson(v, n, 1 - level))),
    (OF_MORE_ROWS, "the value alone", with_interval(lambda value, *_: (value, value))),
    (OF_MORE_ROWS, "none", with_interval(lambda *_: None)),
    (OF_MORE_ROWS, "of a share of the errors", with_interval(lambda v, n, level: wilson(1 - v, n, level))),
    ("own-interval-is-independent-of-batches", "forgets its rows", with_interval(wilson, ForgetsItsRows)),
    ("compute-has-no-side-effects", "clears its rows when it computes", of(share, ClearsOnCompute)),
    ("compute-has-no-side-effects", "sorts its input", of(share, SortsInput)),
    ("accumulators-are-independent", "stored in the class", of(share, StoredInTheClass)),
]
