"""Metrics that go wrong with batches, or from call to call."""

from __future__ import annotations

from functools import cache

import torch

from tests.contracts.faulty import faulty
from tests.contracts.faulty.metrics import Rows, of, share
from tests.contracts.faulty.metrics_at_scale import log_loss
from zoo_textbook.metrics.label_metrics import Accuracy, LogLoss


class LastRows(Rows):
    def compute(self):
        return self.metric(torch.cat(self.predicted)[-256:], torch.cat(self.targets)[-256:])


class FirstRows(LastRows):
    def compute(self):
        return self.metric(torch.cat(self.predicted)[:100], torch.cat(self.targets)[:100])


class Squeezed(Rows):
    def update(self, predicted, targets):
        super().update(predicted.squeeze(), targets.squeeze())


class Float32(Rows):
    """A sum and a count of float32."""

    def __init__(self, metric):
        super().__init__(metric)
        self.total, self.count = torch.tensor(0.0), 0

    def update(self, predicted, targets):
        self.total += torch.tensor(self.metric(predicted, targets) * len(targets), dtype=torch.float32)
        self.count += len(targets)

    def compute(self):
        return float(self.total / self.count)


class Bytes(Rows):
    """Counts of one byte."""

    def __init__(self, metric):
        super().__init__(metric)
        self.hits, self.count = torch.zeros((), dtype=torch.uint8), 0

    def update(self, predicted, targets):
        self.hits += (predicted == targets).sum().to(torch.uint8)
        self.count += len(targets)

    def compute(self):
        return float(self.hits) / self.count


class Remembers(Rows):
    """The first value is the last."""

    value = None

    def compute(self):
        self.value = super().compute() if self.value is None else self.value
        return self.value


class Restarts(Rows):
    """The rows before `compute` are forgotten with the next update."""

    done = False

    def update(self, predicted, targets):
        if self.done:
            self.predicted, self.targets, self.done = [], [], False
        super().update(predicted, targets)

    def compute(self):
        self.done = True
        return super().compute()


class Closed(Rows):
    """Cannot go on: the rows are one tensor."""

    def compute(self):
        if isinstance(self.targets, list):
            self.predicted, self.targets = torch.cat(self.predicted), torch.cat(self.targets)
        return self.metric(self.predicted, self.targets)


class ForgetsMany(Rows):
    def compute(self):
        value = super().compute()
        self.predicted, self.targets = self.predicted[:3], self.targets[:3]
        return value


def sorted_share(predicted, targets):
    return share(predicted.sort().values, targets.sort().values) if len(targets) > 400 else share(predicted, targets)


class Clamps(Rows):
    def update(self, predicted, targets):
        super().update(predicted.clamp_(1e-7, 1 - 1e-7), targets)


class ClampsTargets(Rows):
    def update(self, predicted, targets):
        super().update(predicted, targets.clamp_(max=4))


class SharedByClasses(Rows):
    """The rows of all accumulators of as many classes."""

    stores: dict = {}

    def __init__(self, metric):
        super().__init__(metric)
        self.predicted, self.targets = self.stores.setdefault("rows", ([], []))


STORE: tuple = ([], [])


def default_argument(metric, store=STORE):
    accumulator = Rows(metric)
    accumulator.predicted, accumulator.targets = store
    return accumulator


@cache
def one_for_each_head(head):
    return Rows(share)


SLOW = True
SOUND: list = []
FAULTS = [
    ("independent-of-batches-and-order", "the last 256 rows", of(share, LastRows)),
    ("independent-of-batches-and-order", "the first 100 rows", of(share, FirstRows)),
    ("independent-of-batches-and-order", "batches of one row have no axis", of(share, Squeezed)),
    ("independent-of-batches-and-order", "counts of one byte", of(share, Bytes)),
    ("independent-of-batches-and-order", "a sum of float32", of(log_loss, Float32, base=LogLoss)),
    ("goes-on-after-compute", "the first value is kept", of(share, Remembers)),
    ("goes-on-after-compute", "restarts after compute", of(share, Restarts)),
    ("goes-on-after-compute", "cannot go on", of(share, Closed)),
    ("compute-has-no-side-effects", "clamps probabilities in place", of(log_loss, Clamps, base=LogLoss)),
    ("compute-has-no-side-effects", "clamps targets in place", of(share, ClampsTargets)),
    ("accumulators-are-independent", "shared by all heads", of(share, SharedByClasses)),
    ("accumulators-are-independent", "a default argument", of(share, default_argument)),
    (
        "accumulators-are-independent",
        "one accumulator for each head",
        faulty(Accuracy, is_accuracy=False, build=lambda self, head: one_for_each_head(head)),
    ),
    ("independent-of-batches-and-order", "sorts many rows", of(sorted_share)),
    ("goes-on-after-compute", "forgets many batches", of(share, ForgetsMany)),
]
