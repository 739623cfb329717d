"""Types of options that take a number: finite, in a range that the message names."""

from __future__ import annotations

import math
from typing import Any

import click

MAX_DIGITS = 100  # of a number that is converted and shown


class NumberRange(click.FloatRange):
    """A finite number in a range."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = _convert(float, value)
        if number is None or not math.isfinite(number) or not _is_inside(self, number):
            self.fail(_describe_wrong(value, f"a number{_describe_range(self)}"), param, ctx)
        return number


class IntegerRange(click.IntRange):
    """A whole number in a range."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = _convert(int, value)
        if number is None or not _is_inside(self, number):
            self.fail(_describe_wrong(value, f"a whole number{_describe_range(self)}"), param, ctx)
        return number


PROBABILITY = NumberRange(0, 1)
SHARE = NumberRange(0, 1, min_open=True, max_open=True)  # of rows: neither none nor all can be asked for


def _convert(kind: type[int] | type[float], value: Any) -> Any:
    try:
        return kind(value) if len(str(value)) <= MAX_DIGITS else None
    except ValueError:
        return None


def _describe_wrong(value: Any, expected: str) -> str:
    from zoo_core.messages import shorten

    return f'got "{shorten(str(value), MAX_DIGITS)}", expected {expected}'


def _is_inside(range: click.FloatRange | click.IntRange, number: float) -> bool:
    low, high = range.min, range.max
    is_above = low is None or number > low or (number == low and not range.min_open)
    return is_above and (high is None or number < high or (number == high and not range.max_open))


def _describe_range(range: click.FloatRange | click.IntRange) -> str:
    """The words for a range after "a number", with the blank before them."""
    low, high = range.min, range.max
    if low is not None and high is not None and not range.min_open and not range.max_open:
        return f" between {low:,} and {high:,}"
    lowest = "" if low is None else f"above {low:,}" if range.min_open else f"of at least {low:,}"
    highest = "" if high is None else f"below {high:,}" if range.max_open else f"up to {high:,}"
    return "".join(f" {words}" for words in [" and ".join(filter(None, (lowest, highest)))] if words)
