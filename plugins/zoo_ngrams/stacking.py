"""Stacked generalization: factors of several kinds of scores that fit the targets best."""

from __future__ import annotations

import math

import torch
from torch import Tensor

STEPS = 20
SMALLEST_STEP = 1e-3  # as a share of Newton's step
ENOUGH = 1e-6  # change of a factor
PRIOR = 0.05  # of a row: keeps factors finite if the scores separate the classes


def stack_scores(first: Tensor, second: Tensor, targets: Tensor) -> tuple[Tensor, float]:
    """The factors a, b ≥ 0 with the lowest cross-entropy of softmax(a · first + b · second), and that cross-entropy.

    `first`, `second` and `targets` are float64 `(rows, classes)`; the factors are `(2,)`. Targets are probabilities,
    which may be multiplied by weights; the sum of a row is its weight. If no row has a weight, or no positive factor is
    better than none, the factors are 1 and 0, and the loss is infinite. The cross-entropy is a mean by weight, with a
    penalty of 0.05 · (a² + b²) / the sum of the weights. Source: Wolpert 1992, "Stacked Generalization"."""
    scores = torch.stack([first, second])
    own_alone = torch.tensor([1.0, 0.0], dtype=torch.float64, device=scores.device)
    if not bool(targets.any()):  # no row has a weight
        return own_alone, math.inf
    both, loss = _minimize(scores, targets)
    if bool((both >= 0).all()):
        return both, loss
    fits = []
    for number in (0, 1):  # the loss is convex: if a factor would be below 0, the best allowed one is 0
        factor, loss = _minimize(scores[number : number + 1], targets)
        if float(factor) > 0:
            fits.append((loss, number, factor))
    if not fits:
        return own_alone, math.inf
    loss, number, factor = min(fits, key=lambda fit: fit[:2])
    factors = torch.zeros(2, dtype=torch.float64, device=scores.device)
    factors[number : number + 1] = factor
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
