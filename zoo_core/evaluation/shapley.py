"""Shapley values by sampling: the contributions of words to a score that has no gradient."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from zoo_core.seeds import make_generator

SEED = 1337
MAX_ORDERS = 64  # of the players
MAX_EVALUATIONS = 4_000_000  # of players over all orders: the time is proportional to it
BATCH_SETS = 1024  # sets of players that are evaluated at once


@torch.no_grad()
def shapley_values(
    value: Callable[[Tensor], Tensor], players: int, *, max_evaluations: int = MAX_EVALUATIONS
) -> Tensor:
    """What each player adds to `value`, averaged over random orders of the players `(players,)` float64.

    `value` takes sets of players `(sets, players)` bool and gives a number for each `(sets,)`. The Shapley values sum
    to the value of all players less that of none, whatever the orders, which are drawn in pairs of one and its reverse.
    There are fewer orders if they would evaluate more players than `max_evaluations`.

    Source: Castro et al. 2009, "Polynomial calculation of the Shapley value based on sampling";
    Strumbelj & Kononenko 2014, "Explaining prediction models and individual predictions with feature contributions".

    >>> shapley_values(lambda sets: sets.double() @ torch.tensor([1.0, 2.0], dtype=torch.float64) + 5, 2)
    tensor([1., 2.], dtype=torch.float64)
    """
    pairs = max(1, min(MAX_ORDERS, 2 * max_evaluations // max(players * players, 1)) // 2)
    generator = make_generator(SEED, "shapley")
    sums = torch.zeros(players, dtype=torch.float64)
    for _ in range(pairs):
        permutation = torch.randperm(players, generator=generator)
        for order in (permutation, permutation.flip(0)):
            sums[order] += _cumulative_values(value, order).diff()
    return sums / (2 * pairs)


def _cumulative_values(value: Callable[[Tensor], Tensor], order: Tensor) -> Tensor:
    """The value of no player, of the first, of the first two … `(players + 1,)`."""
    players = len(order)
    rank = torch.empty(players, dtype=torch.int64)
    rank[order] = torch.arange(players)
    sizes = torch.arange(players + 1)
    starts = range(0, players + 1, BATCH_SETS)
    return torch.cat([value(rank < sizes[start : start + BATCH_SETS, None]).double() for start in starts])
