"""Unusual losses that are sound: they must pass every check."""

from __future__ import annotations

import math

import torch
from torch.nn.functional import cross_entropy, log_softmax, softplus

from tests.contracts.faulty import faulty, function
from tests.contracts.faulty.losses import SoftmaxLoss, of, rows, soft


def mean(m, losses, x, y):
    """The mean of row losses, weighted by the class weights."""
    if m.w is None:
        return losses.mean()
    weights = soft(m, x, y) @ m.w.to(x.dtype)
    return (losses * weights).sum() / weights.sum()


def of_rows(call, base=SoftmaxLoss, **members):
    return of(lambda m, x, y: mean(m, call(m, x, soft(m, x, y)), x, y), base, **members)


def with_counts(call, base=SoftmaxLoss, **members):
    """A loss that asks for the class counts; `call(x, y, counts)` gives row losses."""

    def build(self, *, class_weights, class_counts):
        module = function(lambda m, x, y: mean(m, call(x, soft(m, x, y), m.n.to(x.dtype)), x, y), w=class_weights)
        module.register_buffer("n", class_counts.double())
        return module

    return faulty(base, build=build, **members)


def smoothed(m, x, y):
    return -((0.8 * y + 0.2 / x.shape[1]) * log_softmax(x, 1)).sum(1)


def divergence(m, x, y):
    return (torch.special.xlogy(y, y) - y * log_softmax(x, 1)).sum(1)


def poly(m, x, y):
    return -(y * log_softmax(x, 1)).sum(1) + (1 - (y * x.softmax(1)).sum(1))


def confident(m, x, y):
    """Cross-entropy minus a tenth of the entropy."""
    log_p = log_softmax(x, 1)
    return -(y * log_p).sum(1) + 0.1 * (log_p.exp() * log_p).sum(1)


def generalized(m, x, y):
    return (y * -torch.expm1(0.7 * log_softmax(x, 1)) / 0.7).sum(1)


def dice(m, x, y):
    p = x.softmax(1)
    return 1 - (2 * (p * y).sum(1) + 1) / (p.square().sum(1) + y.square().sum(1) + 1)


def one_vs_rest(m, x, y):
    return (softplus(x) - y * x).sum(1)


def squared_hinge(m, x, y):
    return (1 - (2 * y - 1) * x).clamp(min=0).square().sum(1)


def adjusted(x, y, counts):
    counts = counts.clamp(min=0.5)
    return -(y * log_softmax(x + (counts / counts.sum()).log(), 1)).sum(1)


def ldam(x, y, counts):
    counts = counts.clamp(min=0.5)
    margins = 0.5 * (counts / counts.min()) ** -0.25
    return -(y * log_softmax(10 * (x - y * margins), 1)).sum(1)


def earth_mover(m, x, y):
    """The squared distance of the cumulative distributions of ordered classes."""
    return (x - y).cumsum(1).square().sum(1)


def nll(x, y):
    return -(y * x).sum(1)


def class_balanced(self, *, class_weights, class_counts):
    balance = (1 - 0.99) / (1 - 0.99 ** class_counts.double())
    weights = balance if class_weights is None else balance * class_weights
    module = function(lambda m, x, y: cross_entropy(x, y, weight=m.w.to(x.dtype)))
    module.register_buffer("w", weights)
    return module


SLOW = True
SOUND = [
    of_rows(smoothed),
    of_rows(divergence),
    of_rows(poly),
    of_rows(generalized),
    of_rows(lambda m, x, y: (x.softmax(1) - y).abs().sum(1)),
    of_rows(dice),
    of_rows(one_vs_rest, link="none"),
    of_rows(squared_hinge, link="none", supports_soft_targets=False),
    of_rows(lambda m, x, y: (x.softmax(1) - y).square().sum(1)),
    of_rows(confident, lower_bound=-math.inf),
    of_rows(earth_mover, expects="distribution", link="identity"),
    of_rows(lambda m, x, y: nll((x + 1e-7).log(), y), expects="distribution", link="identity"),
    with_counts(adjusted),
    with_counts(ldam),
    faulty(SoftmaxLoss, build=class_balanced, supports_soft_targets=False),
    faulty(SoftmaxLoss, build=lambda self: function(lambda m, x, y: rows(m, x, y).mean())),
]
FAULTS = [
    (
        "learns-from-any-score",
        "probabilities that clamp() stops at",
        of_rows(lambda m, x, y: nll(x.clamp(min=1e-7).log(), y), expects="distribution", link="identity"),
    ),
    (
        "finite-for-any-class-counts",
        "log of a class that soft targets lack",
        with_counts(lambda x, y, n: nll(log_softmax(x + (n / n.sum()).log(), 1), y)),
    ),
    (
        "class-counts-favor-rare-classes",
        "the sign of the adjustment",
        with_counts(lambda x, y, n: nll(log_softmax(x - n.clamp(min=1).log(), 1), y)),
    ),
    (
        "class-counts-favor-rare-classes",
        "sorted counts",
        with_counts(lambda x, y, n: nll(log_softmax(x + n.clamp(min=1).sort().values.log(), 1), y)),
    ),
]
