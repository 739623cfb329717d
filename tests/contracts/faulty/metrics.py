"""Faulty metrics."""

from __future__ import annotations

import torch

from tests.contracts.faulty import faulty
from zoo_textbook.metrics.label_metrics import Accuracy, LogLoss


class Rows:
    """Keeps every row it is given; `figure(predicted, targets)` is the measure."""

    def __init__(self, figure):
        self.figure, self.predicted, self.targets = figure, [], []

    def update(self, predicted, targets):
        self.predicted.append(predicted)
        self.targets.append(targets)

    def compute(self):
        return self.figure(torch.cat(self.predicted), torch.cat(self.targets))


class MeanOfMeans(Rows):
    def compute(self):
        pieces = zip(self.predicted, self.targets, strict=True)
        return sum(self.figure(*piece) for piece in pieces) / len(self.targets)


class LastBatch(Rows):
    def compute(self):
        return self.figure(self.predicted[-1], self.targets[-1])


class ForgetsWhenAsked(Rows):
    def compute(self):
        found = super().compute() if self.targets else 0.0
        self.predicted, self.targets = [], []
        return found


class KeptInTheClass(Rows):
    hits: list = []

    def update(self, predicted, targets):
        self.hits.extend((predicted == targets).tolist())

    def compute(self):
        return sum(self.hits) / len(self.hits)


class Sorts(Rows):
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


def of(figure, measure=Rows, base=Accuracy, **members):
    return faulty(base, build=lambda self, head: measure(figure), **{"is_accuracy": False, **members})


SOUND = [of(share), of(share, is_accuracy=True)]
FAULTS = [
    ("independent-of-batches-and-order", "a mean of the batches' means", of(share, MeanOfMeans)),
    ("independent-of-batches-and-order", "only the last batch", of(share, LastBatch)),
    ("independent-of-batches-and-order", "later rows count more", of(streak)),
    ("independent-of-batches-and-order", "a tensor", of(lambda p, y: (p == y).double().mean())),
    ("correct-is-better-than-wrong", "the wrong way round", of(share, higher_is_better=False)),
    ("correct-is-better-than-wrong", "always of the first class", of(log_loss, base=LogLoss)),
    ("one-class-only", "divides by the rows called so", of(precision)),
    (
        "is-accuracy-as-declared",
        "counts something else",
        of(lambda p, y: share(p, y) ** 2, is_accuracy=True),
    ),
    ("compute-has-no-side-effects", "forgets when asked", of(share, ForgetsWhenAsked)),
    ("compute-has-no-side-effects", "sorts what it is given", of(share, Sorts)),
    ("accumulators-are-independent", "kept in the class", of(share, KeptInTheClass)),
]
