"""Validators of settings: bounds of numbers, and values that must not be empty."""

from __future__ import annotations

import math
from typing import Any

from attrs import frozen


@frozen
class Bounds:
    """A validator for a number, or for each number of a tuple, within limits.

    >>> str(Bounds(ge=0, lt=1))
    'at least 0 and below 1'
    """

    ge: float = -math.inf
    gt: float = -math.inf
    le: float = math.inf
    lt: float = math.inf

    def __str__(self) -> str:
        parts = (
            (self.ge, "at least"),
            (self.gt, "above"),
            (self.le, "at most"),
            (self.lt, "below"),
        )
        return " and ".join(f"{words} {limit:g}" for limit, words in parts if math.isfinite(limit))

    def __call__(self, _instance: object, _field: object, value: Any) -> None:
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
                raise ValueError(f"must be a finite number, not {number!r}")
            if not (self.ge <= number <= self.le and self.gt < number < self.lt):
                raise ValueError(f"must be {self}, not {number!r}")


finite = Bounds()
positive = Bounds(gt=0)
not_negative = Bounds(ge=0)
at_least_one = Bounds(ge=1)
fraction = Bounds(ge=0, le=1)


@frozen
class NotEmpty:
    """A validator for a string or a tuple that must not be empty."""

    def __str__(self) -> str:
        return "not empty"

    def __call__(self, _instance: object, _field: object, value: Any) -> None:
        if len(value) == 0:
            raise ValueError("must not be empty")


not_empty = NotEmpty()
