"""Shares of rows, with their exact confidence intervals."""

from __future__ import annotations

import math
from typing import Any

from attrs import frozen

from zoo_core.errors import RecipeError
from zoo_core.evaluation.quantiles import CONFIDENCE_LEVEL


@frozen
class Share:
    """The share `count` of `rows`, and its interval at a confidence of 95 %. Both are (0, 1) and NaN without rows."""

    count: int
    rows: int

    @property
    def value(self) -> float:
        """The share; NaN without rows."""
        return self.count / self.rows if self.rows else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """The exact interval.

        Source: Clopper & Pearson 1934.
        """
        return exact_interval(self.count, self.rows)

    def __str__(self) -> str:
        """The share with its interval, rounded outward from the share: `0.9712 (0.9536 to 0.9835)`."""
        return "of no rows" if not self.rows else "{:.4f} ({:.4f} to {:.4f})".format(self.value, *self.interval)

    def to_json(self) -> tuple[float | None, list[float]]:
        """The share, None without rows, and its interval."""
        return (self.value if self.rows else None), list(self.interval)


def exact_interval(count: int, rows: int, level: float = CONFIDENCE_LEVEL) -> tuple[float, float]:
    """The two-sided interval of a proportion that contains the true one at least as often as `level` says.

    Source: Clopper & Pearson 1934.
    """
    from scipy import special

    tail = (1 - level) / 2
    low = float(special.betaincinv(count, rows - count + 1, tail)) if count else 0.0
    high = float(special.betaincinv(count + 1, rows - count, 1 - tail)) if count < rows else 1.0
    return low, high


def require_share(name: str, value: Any, *, is_one_allowed: bool = False) -> None:
    """Raise RecipeError for anything but a number above 0 and below 1, or 1 if that is allowed."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and (0 < value < 1 or (is_one_allowed and value == 1)):
        return
    end = "up to 1" if is_one_allowed else "below 1"
    raise RecipeError(f"invalid {name}: got {value}, expected a number above 0 and {end}")
