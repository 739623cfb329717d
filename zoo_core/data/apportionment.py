"""Apportionment: how many rows of each class are in each part of the data, by largest remainders."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Shares = NDArray[np.float64]
DIGITS = 9  # remainders that differ by less are equal


def apportion(class_sizes: Counts, shares: Shares) -> Counts:
    """The number of rows `(classes, parts)` of each class in each part.

    Overall, and per class as far as the totals allow, a number differs from its share by less than a row, except that
    the first part has a row of every class, and that no part with a share is empty if the classes have rows to spare.
    Equal remainders go to the first part, then to the last, the one before it, and so on: of train, val and test, test
    comes before val.
    """
    shares = shares / shares.sum()
    quotas = class_sizes[:, None] * shares
    preference = [0, *range(len(shares) - 1, 0, -1)]
    counts = _largest_remainders(quotas, class_sizes, preference)
    lowest = np.zeros_like(counts)
    lowest[:, 0] = (class_sizes > 0) & (shares[0] > 0)
    for number in np.flatnonzero(counts[:, 0] < lowest[:, 0]):
        counts[number, counts[number].argmax()] -= 1
        counts[number, 0] += 1
    _match_totals(counts, quotas, lowest, _part_totals(int(class_sizes.sum()), shares, int(lowest.sum()), preference))
    return counts


def _largest_remainders(quotas: Shares, totals: Counts, preference: list[int]) -> Counts:
    """Whole numbers `(classes, parts)` near the quotas, with the total of each class."""
    floors = np.floor(np.round(quotas, DIGITS))
    remainders = np.round(quotas - floors, DIGITS)[:, preference]
    rank = np.argsort(np.argsort(-remainders, axis=1, kind="stable"), axis=1)
    extra = np.empty_like(rank)
    extra[:, preference] = rank < (totals - floors.sum(axis=1))[:, None]
    return np.asarray(floors + extra, dtype=np.int64)


def _part_totals(rows: int, shares: Shares, lowest: int, preference: list[int]) -> Counts:
    """The number of rows of each part: at least `lowest` in the first, and one in each with a share if possible."""
    totals: Counts = _largest_remainders(rows * shares[None], np.array([rows]), preference)[0]
    for empty in preference:
        if not totals[empty] and shares[empty] > 0 and totals.max() > 1:
            totals[totals.argmax()] -= 1
            totals[empty] += 1
    if totals[0] < lowest and shares[1:].any():
        others = shares[1:] / shares[1:].sum()
        rest = _part_totals(rows - lowest, others, 0, [part - 1 for part in preference[1:]])
        return np.array([lowest, *rest])
    return totals


def _match_totals(counts: Counts, quotas: Shares, lowest: Counts, totals: Counts) -> None:
    """Move rows between the parts of a class, where it costs least, until each part has its total.

    The cost is the growth of the sum of squared differences between counts and quotas.
    """
    while (surplus := counts.sum(axis=0) - totals).any():
        moves = []
        for giver in np.flatnonzero(surplus > 0):
            free = np.flatnonzero(counts[:, giver] > lowest[:, giver])
            excess = counts[free] - quotas[free]
            for taker in np.flatnonzero(surplus < 0):
                cost = np.round(excess[:, taker] - excess[:, giver], DIGITS)
                if len(free):
                    moves.append((float(cost.min()), giver, taker, free[np.argsort(cost, kind="stable")]))
        _, giver, taker, classes = min(moves, key=lambda move: move[0])
        moved = classes[: min(surplus[giver], -surplus[taker])]
        counts[moved, giver] -= 1
        counts[moved, taker] += 1
