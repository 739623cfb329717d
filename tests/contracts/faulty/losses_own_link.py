"""Losses with a link of their own, and losses that ask for the class counts."""

from __future__ import annotations

import torch
from attrs import frozen
from torch.nn.functional import log_softmax, logsigmoid, softplus

from tests.contracts.faulty import faulty, function
from tests.contracts.faulty.losses import soft
from tests.contracts.faulty.losses_unusual import adjusted, mean, one_vs_rest, with_counts
from zoo_core import Loss


@frozen
class Ordinal(Loss):
    """CORN: each output is the logit of P(y > k | y ≥ k), for K - 1 outputs (Shi et al. 2021).

    Source: the tests of the conformance kit."""

    name = "corn"
    expects = "logits"
    link = "own"
    supports_soft_targets = False

    def outputs(self, num_classes):
        return num_classes - 1

    def probabilities(self, scores):
        above = torch.cat([torch.ones_like(scores[:, :1]), scores.sigmoid().cumprod(1)], 1)
        return above - torch.cat([above[:, 1:], torch.zeros_like(above[:, :1])], 1)

    def build(self, *, class_weights):
        def corn(m, x, y):
            steps = torch.arange(x.shape[1], device=x.device)
            is_above, is_asked = y.unsqueeze(1) > steps, y.unsqueeze(1) >= steps
            losses = -(torch.where(is_above, logsigmoid(x), logsigmoid(-x)) * is_asked).sum(1)
            weights = torch.ones_like(x[:, 0]) if m.w is None else m.w.to(x.dtype)[y]
            return (losses * weights).sum() / weights.sum()

        return function(corn, w=class_weights)


@frozen
class Cumulative(Ordinal):
    """CORAL: each output is the logit of P(y > k) (Cao et al. 2020); it predicts the number of these above 1/2.

    Source: the tests of the conformance kit."""

    name = "coral"

    def probabilities(self, scores):
        above = scores.sigmoid().cummin(1).values
        ends = torch.ones_like(above[:, :1]), torch.zeros_like(above[:, :1])
        return torch.cat([ends[0], above], 1) - torch.cat([above, ends[1]], 1)

    def predict(self, scores):
        return (scores > 0).long().cumprod(1).sum(1)

    def build(self):
        def coral(m, x, y):
            is_above = (y.unsqueeze(1) > torch.arange(x.shape[1], device=x.device)).to(x.dtype)
            return (softplus(x) - is_above * x).sum(1).mean()

        return function(coral)


@frozen
class OneVsRest(Ordinal):
    """A logistic loss for each class, and probabilities that are brought to a sum of 1.

    Source: the tests of the conformance kit."""

    name = "one-vs-rest"

    def outputs(self, num_classes):
        return num_classes

    def probabilities(self, scores):
        return log_softmax(logsigmoid(scores), 1).exp()

    def build(self, *, class_weights):
        return function(lambda m, x, y: mean(m, one_vs_rest(m, x, soft(m, x, y)), x, y), w=class_weights)


def raw_differences(self, scores):
    above = torch.nn.functional.pad(scores.sigmoid(), (1, 1), value=0.0)
    above[:, 0] = 1.0
    return above[:, :-1] - above[:, 1:]


def by_exponentials(self, scores):
    return scores.exp() / scores.exp().sum(1, keepdim=True)


def constant(self, scores):
    return torch.full((len(scores), scores.shape[1] + 1), 1 / (scores.shape[1] + 1), dtype=scores.dtype)


SLOW = True
SOUND = [Ordinal, Cumulative, OneVsRest]
FAULTS = [
    ("probabilities-are-a-distribution", "differences below 0", faulty(Cumulative, probabilities=raw_differences)),
    (
        "probabilities-are-a-distribution",
        "not brought to a sum of 1",
        faulty(OneVsRest, probabilities=lambda self, x: x.sigmoid()),
    ),
    (
        "probabilities-are-a-distribution",
        "a column for each output",
        faulty(Ordinal, probabilities=lambda self, x: x.softmax(1)),
    ),
    ("probabilities-are-a-distribution", "exponentials", faulty(OneVsRest, probabilities=by_exponentials)),
    (
        "probabilities-are-a-distribution",
        "the positive class only",
        faulty(Ordinal, probabilities=lambda self, x: x.sigmoid()[:, 0]),
    ),
    (
        "probabilities-are-a-distribution",
        "detached",
        faulty(OneVsRest, probabilities=lambda self, x: OneVsRest.probabilities(self, x).detach()),
    ),
    (
        "predictions-match-probabilities",
        "counts from 1",
        faulty(Cumulative, predict=lambda self, x: 1 + (x > 0).long().sum(1)),
    ),
    (
        "predictions-match-probabilities",
        "the first class above one half",
        faulty(OneVsRest, predict=lambda self, x: (x > 0).long().argmax(1)),
    ),
    ("predictions-match-probabilities", "the largest output", faulty(Ordinal, predict=lambda self, x: x.argmax(1))),
    (
        "predictions-match-probabilities",
        "a number that is not whole",
        faulty(Cumulative, predict=lambda self, x: x.sigmoid().sum(1)),
    ),
    (
        "predictions-match-probabilities",
        "a column",
        faulty(Cumulative, predict=lambda self, x: (x > 0).long().cumprod(1).sum(1, True)),
    ),
    (
        "predictions-match-probabilities",
        "probabilities in reverse order",
        faulty(Cumulative, probabilities=lambda self, x: Cumulative.probabilities(self, x).flip(1)),
    ),
    ("probabilities-are-monotone", "always the same", faulty(Ordinal, probabilities=constant)),
    (
        "probabilities-are-monotone",
        "of the size of the scores",
        faulty(OneVsRest, probabilities=lambda self, x: x.abs().softmax(1)),
    ),
    ("outputs-match-link", "no output for two classes", faulty(Ordinal, outputs=lambda self, classes: classes - 2)),
    (
        "finite-for-any-class-counts",
        "log of the other rows",
        with_counts(lambda x, y, n: adjusted(x, y, n.sum() / (n - 1))),
    ),
    (
        "finite-for-any-class-counts",
        "the span of the counts",
        with_counts(lambda x, y, n: adjusted(x, y, 1 + (n - n.min()) / (n.max() - n.min()))),
    ),
    (
        "finite-for-any-class-counts",
        "whole shares",
        with_counts(lambda x, y, n: adjusted(x, y, 1e-9 + (n * 10 // n.sum()) ** 40 * 1e300)),
    ),
]
