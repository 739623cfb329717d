"""Shapley values by sampling: how a score is shared out among words where no gradient can tell."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from zoo_core.seeds import make_generator

SEED = 1337
MAX_ORDERS = 64  # orders of the players
MAX_EVALUATIONS = 4_000_000  # players asked about, over all orders: what the time goes by
BATCH_SETS = 1024  # sets of players asked about at once


@torch.no_grad()
def shapley_values(value: Callable[[Tensor], Tensor], players: int) -> Tensor:
    """What each player adds to `value`, on average over orders in which they come `(players,)` float64.

    `value` takes sets of players `(sets, players)` bool and gives a number for each `(sets,)`. The shares sum to the
    value of all less that of none whatever the orders, which are drawn in pairs, one the other backwards.

    Source: Castro et al. 2009, "Polynomial calculation of the Shapley value based on sampling";
    Strumbelj & Kononenko 2014, "Explaining prediction models and individual predictions with feature contributions".

    >>> shapley_values(lambda sets: sets.double() @ torch.tensor([1.0, 2.0], dtype=torch.float64) + 5, 2)
    tensor([1., 2.], dtype=torch.float64)
    """
    pairs = max(1, min(MAX_ORDERS, 2 * MAX_EVALUATIONS // max(players * players, 1)) // 2)
    source = make_generator(SEED, "shapley")
    shares = torch.zeros(players, dtype=torch.float64)
    for _ in range(pairs):
        order = torch.randperm(players, generator=source)
        for one in (order, order.flip(0)):
            shares[one] += _cumulative_values(value, one).diff()
    return shares / (2 * pairs)


def _cumulative_values(value: Callable[[Tensor], Tensor], order: Tensor) -> Tensor:
    """The value of none, of the first, of the first two … `(players + 1,)`."""
    players = len(order)
    rank = torch.empty(players, dtype=torch.int64)
    rank[order] = torch.arange(players)
    sizes = torch.arange(players + 1)
    return torch.cat(
        [value(rank < sizes[at : at + BATCH_SETS, None]).double() for at in range(0, players + 1, BATCH_SETS)]
    )
