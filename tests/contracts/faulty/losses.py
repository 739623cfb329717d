"""Faulty losses."""

from __future__ import annotations

import torch
from attrs import frozen
from torch.nn.functional import cross_entropy, log_softmax, mse_loss, one_hot

from tests.contracts.faulty import faulty, function, parameter
from zoo_core import Loss
from zoo_textbook.losses import MSE, BCEWithLogits, CrossEntropy


@frozen
class SoftmaxLoss(Loss):
    """A loss of logits without settings.

    Source: the tests of the conformance kit."""

    name = "softmax-loss"
    expects = "logits"
    link = "softmax"


def of(call, base=SoftmaxLoss, **members):
    return faulty(base, build=lambda self, *, class_weights: function(call, w=class_weights), **members)


def soft(m, x, y):
    return y.to(x.dtype) if y.ndim == 2 else one_hot(y, x.shape[1]).to(x.dtype)


def rows(m, x, y):
    return -(soft(m, x, y) * log_softmax(x, 1)).sum(1)


def weighted(m, x, y):
    weights = soft(m, x, y) @ (torch.ones(x.shape[1], device=x.device) if m.w is None else m.w).to(x.dtype)
    return (rows(m, x, y) * weights).sum() / weights.sum()


SHARED = function(weighted, w=None, a=parameter())

SOUND = [of(weighted)]
FAULTS = [
    ("mean-over-batch", "a sum", of(lambda m, x, y: rows(m, x, y).sum())),
    ("mean-over-batch", "softmax over the batch", of(lambda m, x, y: -(soft(m, x, y) * log_softmax(x, 0)).mean())),
    ("returns-finite-scalar", "a loss for each row", of(rows)),
    ("returns-finite-scalar", "divides by the rows minus one", of(lambda m, x, y: rows(m, x, y).sum() / (len(x) - 1))),
    ("returns-finite-scalar", "detached", of(lambda m, x, y: rows(m, x, y).mean().detach())),
    (
        "returns-finite-scalar",
        "of predicted labels",
        of(lambda m, x, y: rows(m, one_hot(x.argmax(1)).float(), y).mean()),
    ),
    ("gradient-is-correct", "half detached", of(lambda m, x, y: (rows(m, x, y) + rows(m, x.detach(), y)).mean() / 2)),
    ("class-weights-are-applied", "ignored", of(lambda m, x, y: rows(m, x, y).mean())),
    (
        "class-weights-are-applied",
        "a mean over rows instead of weights",
        of(lambda m, x, y: (rows(m, x, y) * (1 if m.w is None else m.w[y])).mean()),
    ),
    (
        "class-weights-apply-to-soft-targets",
        "ignored for soft targets",
        of(lambda m, x, y: weighted(m, x, y) if y.ndim == 1 else rows(m, x, y).mean()),
    ),
    (
        "soft-targets-equal-indices",
        "uses soft targets as indices",
        of(lambda m, x, y: cross_entropy(x, y if y.ndim == 1 else y[:, 0].long())),
    ),
    (
        "monotonic-in-soft-targets",
        "uses only the most probable class",
        of(lambda m, x, y: cross_entropy(x, y if y.ndim == 1 else y.argmax(1))),
    ),
    ("correct-costs-less-than-wrong", "the wrong sign", of(lambda m, x, y: -rows(m, x, y).mean(), lower_bound=-1e9)),
    (
        "minimum-is-the-correct-class",
        "classes in reverse order",
        of(lambda m, x, y: mse_loss(x.flip(1), soft(m, x, y)), MSE),
    ),
    ("never-below-lower-bound", "a constant subtracted", of(lambda m, x, y: weighted(m, x, y) - 1)),
    ("reaches-lower-bound", "a constant added", of(lambda m, x, y: weighted(m, x, y) + 1)),
    ("reaches-lower-bound", "applies the softmax twice", of(lambda m, x, y: weighted(m, x.softmax(1), y))),
    ("does-not-modify-input", "modifies its input", of(lambda m, x, y: weighted(m, x.sub_(1), y))),
    (
        "outputs-match-link",
        "a softmax over one score",
        faulty(BCEWithLogits, link="softmax"),
    ),
    (
        "evaluation-mode-is-repeatable",
        "dropout in evaluation",
        of(lambda m, x, y: weighted(m, torch.dropout(x, 0.5, True), y)),
    ),
    ("converts-to-float64", "always float32", of(lambda m, x, y: weighted(m, x.float(), y))),
    (
        "builds-do-not-share-parameters",
        "the same module for every build",
        faulty(CrossEntropy, build=lambda self, *, class_weights: SHARED),
    ),
    ("compiles", "fails when compiled", of(lambda m, x, y: _fail_if(weighted(m, x, y), torch.compiler.is_compiling()))),
    ("exports", "fails when exported", of(lambda m, x, y: _fail_if(weighted(m, x, y), torch.compiler.is_exporting()))),
]


def _fail_if(loss, condition):
    if condition:
        raise ValueError("not supported")
    return loss
