"""Which of many plugins break a thing, in few tries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def find_minimal_failing(suspects: Sequence[T], fails: Callable[[list[T]], bool]) -> list[T]:
    """The fewest suspects found that fail together: each is needed for it. `fails` of all must be true, of none false.

    About log₂ n tries for each culprit, where more suspects never make a failure go away.

    >>> culprits(range(100), lambda some: 17 in some)
    [17]
    >>> culprits(range(100), lambda some: {3, 64} <= set(some))
    [3, 64]
    """
    found: list[T] = []
    rest = list(suspects)
    while not (found and fails(found)):
        low, high = 0, len(rest)  # fails with the first `high`, not with the first `low`
        while high - low > 1:
            middle = (low + high) // 2
            if fails([*rest[:middle], *found]):
                high = middle
            else:
                low = middle
        if not rest:  # a failure that comes and goes
            break
        found.append(rest[high - 1])
        rest = rest[: high - 1]
    return sorted(found, key=list(suspects).index)
