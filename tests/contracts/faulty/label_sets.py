"""Faulty losses and metrics of multi-label targets."""

from __future__ import annotations

import torch
from attrs import frozen
from torch.nn.functional import binary_cross_entropy_with_logits

from tests.contracts.faulty import faulty, function
from zoo_core import Loss
from zoo_ngrams.models import Linear
from zoo_ngrams.weightings import TfIdf
from zoo_tagging.metrics.label_metrics import HammingLoss, PrecisionAtK
from zoo_textbook.rows.samplers import Shuffled
from zoo_textbook.vectorizers import OneHot


@frozen
class LabelLoss(Loss):
    """A loss of the logits of labels.

    Source: the tests of the conformance kit."""

    name = "label-loss"
    expects = "logits"
    link = "sigmoid"
    targets = ("multi-label",)


def of(call, **members):
    return faulty(LabelLoss, build=lambda self, *, positive_weights=None: function(call, w=positive_weights), **members)


def losses(m, x, y):
    weights = None if m.w is None else m.w.to(x.dtype)
    return binary_cross_entropy_with_logits(x, y.to(x.dtype), reduction="none", pos_weight=weights)


def as_weight_of_labels(m, x, y):
    plain = binary_cross_entropy_with_logits(x, y.to(x.dtype), reduction="none")
    return (plain if m.w is None else plain * m.w.to(x.dtype)).mean()


def modified(m, x, y):
    y.mul_(0.5)
    return losses(m, x, y).mean()


class Rows:
    """The mean over rows of a value of each row."""

    def __init__(self, value, *, by_batch=False):
        self.value, self.by_batch = value, by_batch
        self.total, self.rows = 0.0, 0

    def update(self, predicted, targets):
        values = self.value(predicted, targets)
        self.total += float(values.double().mean() if self.by_batch else values.double().sum())
        self.rows += 1 if self.by_batch else len(values)

    def compute(self):
        return self.total / max(self.rows, 1)


def metric(value, base=HammingLoss, *, by_batch=False, **members):
    return faulty(base, build=lambda self, head: Rows(value, by_batch=by_batch), **members)


def wrong(predicted, targets):
    return (predicted != targets).double().mean(dim=1)


def ordering(order):
    return faulty(Shuffled, order=lambda self, classes, *, epoch, generator: order(classes, generator))


def most_frequent_first(labels, generator):
    """For class indices only: rows of each class in turn."""
    return torch.argsort(labels.bincount()[labels], stable=True)


def weighing(weights):
    return faulty(TfIdf, needs_labels=True, global_weights=lambda self, counts, labels: weights(counts, labels))


def share_of_second_class(counts, labels):
    """For class indices only."""
    return torch.ones(counts.width) * (labels == 1).float().mean() + labels.bincount().sum()


def fitting(self, tokens, labels):
    if labels.ndim != 1:
        raise TypeError("expected class indices")
    return OneHot.fit(self, tokens, labels)


def with_biases(self, module, *, train, head, **others):
    """For class indices only."""
    module.bias.copy_(train.targets.bincount(minlength=head.outputs).float().log())


def of_label_shares(self, module, *, train, **others):
    """Infinite for a label that all rows have, or none; NaN of class indices."""
    module.bias.copy_(train.targets.float().mean(dim=0).logit())


def scaled_if_weighted(self, module, *, positive_weights, **others):
    if positive_weights is not None:
        module.weight.mul_(len(positive_weights))


SOUND = [
    of(lambda m, x, y: losses(m, x, y).mean()),
    metric(wrong),
    ordering(lambda classes, generator: torch.randperm(len(classes), generator=generator)),
]
FAULTS = [
    ("orders-rows-with-label-sets", "for class indices only", ordering(most_frequent_first)),
    ("weighs-label-sets", "for class indices only", weighing(share_of_second_class)),
    ("weighs-label-sets", "weights of labels", weighing(lambda counts, labels: labels.sum(dim=0).log())),
    ("fits-label-sets", "for class indices only", faulty(OneHot, fit=fitting)),
    ("finishes-with-label-sets", "for class indices only", faulty(Linear, finish=with_biases)),
    ("finishes-with-label-sets", "infinite for some shares", faulty(Linear, finish=of_label_shares)),
    (
        "finish-with-equal-positive-weights-is-finish-without",
        "scaled by positive weights of 1",
        faulty(Linear, finish=scaled_if_weighted),
    ),
    ("labels-mean-over-rows-and-labels", "a sum over labels", of(lambda m, x, y: losses(m, x, y).sum(1).mean())),
    (
        "labels-mean-over-rows-and-labels",
        "a softmax over labels",
        of(lambda m, x, y: -(y.to(x.dtype) * x.log_softmax(1)).sum(1).mean()),
    ),
    (
        "labels-finite-at-any-score",
        "the logarithm of a sigmoid",
        of(lambda m, x, y: -(y * x.sigmoid().log() + (1 - y) * (1 - x.sigmoid()).log()).mean()),
    ),
    ("labels-finite-at-any-score", "a loss for each row", of(lambda m, x, y: losses(m, x, y).mean(1))),
    (
        "labels-finite-at-any-score",
        "a mean over the labels that rows have",
        of(lambda m, x, y: (losses(m, x, y) * y).sum() / y.sum()),
    ),
    ("labels-right-costs-less", "turned around", of(lambda m, x, y: losses(m, -x, y).mean())),
    ("labels-right-costs-less", "the same for all scores", of(lambda m, x, y: losses(m, x * 0, y).mean())),
    ("positive-weights-are-applied", "ignored", of(lambda m, x, y: losses(function(losses, w=None), x, y).mean())),
    ("positive-weights-are-applied", "weights of labels", of(as_weight_of_labels)),
    ("labels-calls-are-independent", "targets modified", of(modified)),
    ("labels-finite-and-in-range", "nothing for labels", metric(lambda p, t: (p & t).sum(1) / t.sum(1))),
    ("labels-finite-and-in-range", "a number of labels", metric(lambda p, t: (p != t).sum(1))),
    ("labels-right-is-better-than-wrong", "the wrong direction", metric(wrong, higher_is_better=True)),
    ("labels-independent-of-batches-and-order", "a mean of batches", metric(wrong, by_batch=True)),
    ("labels-is-accuracy-as-declared", "the share of labels", metric(wrong, is_accuracy=True)),
    (
        "labels-compute-has-no-side-effects",
        "probabilities modified",
        metric(lambda p, t: p.mul_(0.5).mean(dim=1), PrecisionAtK),
    ),
]
