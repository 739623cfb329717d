"""Stacked generalization: factors of several kinds of scores that fit the targets best."""

from __future__ import annotations

import math
from itertools import combinations
from operator import itemgetter

import torch
from torch import Tensor
from torch.nn import functional

STEPS = 20
SMALLEST_STEP = 1e-3  # as a share of Newton's step
ENOUGH = 1e-6  # change of a factor
PRIOR = 0.05  # of a row: keeps factors finite if the scores separate the classes


def stack_scores(scores: Tensor, targets: Tensor) -> tuple[Tensor, float]:
    """The factors f ≥ 0 with the lowest cross-entropy of softmax(Σ f · scores), and that cross-entropy.

    `scores` are float64 `(kinds, rows, classes)`, with a factor for each kind, `targets` `(rows, classes)`. Targets are
    probabilities, which may be multiplied by weights; the sum of a row is its weight. If no row has a weight, or no
    positive factor is better than none, the factors are 1 for the first kind and 0 for others, and the loss is
    infinite. The cross-entropy is a mean by weight, with a penalty of 0.05 · Σ f² / the sum of the weights.

    Source: Wolpert 1992, "Stacked Generalization"; Breiman 1996, "Stacked Regressions" (factors that are not
    negative)."""
    kinds = len(scores)
    first_alone = functional.one_hot(torch.tensor(0, device=scores.device), kinds).double()
    if not bool(targets.any()):  # no row has a weight
        return first_alone, math.inf
    factors, loss = _minimize(scores, targets)
    if bool((factors >= 0).all()):
        return factors, loss
    fits = [(math.inf, first_alone)]  # the loss is convex: the best allowed factors are the best ones of some kinds
    for count in range(1, kinds):
        for chosen in map(list, combinations(range(kinds), count)):
            some, loss = _minimize(scores[chosen], targets)
            if bool((some > 0).all()):
                factors = torch.zeros_like(first_alone)
                factors[chosen] = some
                fits.append((loss, factors))
    loss, factors = min(fits, key=itemgetter(0))
    return factors, loss


def _minimize(scores: Tensor, targets: Tensor) -> tuple[Tensor, float]:
    """Newton's method with halved steps, from equal factors, for scores `(kinds, rows, classes)`."""
    kinds, weights = len(scores), targets.sum(dim=1)
    total = float(weights.sum())
    identity = torch.eye(kinds, dtype=torch.float64, device=scores.device)
    penalty = 2 * PRIOR / total

    def loss_at(factors: Tensor) -> float:
        logs = torch.einsum("k,krc->rc", factors, scores).log_softmax(dim=1)
        return float(-(targets * logs).sum() / total + penalty / 2 * factors.square().sum())

    factors = identity.new_full((kinds,), 1 / kinds)
    loss = loss_at(factors)
    for _ in range(STEPS):
        probabilities = torch.einsum("k,krc->rc", factors, scores).softmax(dim=1)
        weighted = weights[:, None] * probabilities
        gradient = torch.einsum("rc,krc->k", weighted - targets, scores) / total + penalty * factors
        means = (probabilities * scores).sum(dim=2)  # (kinds, rows)
        squares = torch.einsum("rc,krc,lrc->kl", weighted, scores, scores)
        curvature = (squares - (weights * means) @ means.T) / total
        step = torch.linalg.solve(curvature + penalty * identity, gradient)
        share = 1.0
        while share > SMALLEST_STEP and not loss_at(factors - share * step) <= loss:
            share /= 2
        if share <= SMALLEST_STEP:
            break
        factors = factors - share * step
        loss = loss_at(factors)
        if float((share * step).abs().max()) < ENOUGH:
            break
    return factors, loss if math.isfinite(loss) else math.inf
