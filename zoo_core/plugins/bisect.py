"""Bisection: find the few plugins of many that cause a failure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def find_minimal_failing(suspects: Sequence[T], fails: Callable[[list[T]], bool]) -> list[T]:
    """Find a minimal set of suspects that fail together. `fails` must be true for all of them and false for none.

    It takes about log₂ n tries per culprit, if more suspects never make a failure disappear.

    >>> find_minimal_failing(range(100), lambda some: 17 in some)
    [17]
    >>> find_minimal_failing(range(100), lambda some: {3, 64} <= set(some))
    [3, 64]
    """
    culprits: list[T] = []
    rest = list(suspects)
    while not (culprits and fails(culprits)):
        low, high = 0, len(rest)  # fails with the first `high`, not with the first `low`
        while high - low > 1:
            middle = (low + high) // 2
            if fails([*rest[:middle], *culprits]):
                high = middle
            else:
                low = middle
        if not rest:  # the failure is not deterministic
            break
        culprits.append(rest[high - 1])
        rest = rest[: high - 1]
    return sorted(culprits, key=list(suspects).index)
