"""Validators of settings: bounds of numbers, and values that must not be empty."""

from __future__ import annotations

import codecs
import math
from collections.abc import Mapping
from typing import Any

from attrs import frozen

__all__ = [
    "Bounds",
    "NotEmpty",
    "any_seed",
    "at_least_one",
    "finite",
    "fraction",
    "not_empty",
    "not_negative",
    "positive",
    "text_encoding",
]
MAX_NUMBER = 1e30  # of settings without a limit of their own; float32 holds it
MAX_COUNT = 2**31 - 1
MAX_ITEMS = 100  # of a tuple of numbers


@frozen
class Bounds:
    """A validator for a number, or for each number of a tuple or of numbers by class, within limits.

    Every setting needs a range in which no value takes a program out of time or memory, since recipes come from
    strangers; a conformance check tries the ends. `largest` is the largest absolute value, far from every sensible
    one: it is mentioned only if it is exceeded.

    >>> str(Bounds(ge=0, lt=1)), str(Bounds(ge=1, le=10_000))
    ('at least 0 and below 1', 'at least 1 and at most 10,000')
    """

    ge: float = -math.inf
    gt: float = -math.inf
    le: float = math.inf
    lt: float = math.inf
    largest: float = math.inf

    def __str__(self) -> str:
        parts = (
            (self.ge, "at least"),
            (self.gt, "above"),
            (self.le, "at most"),
            (self.lt, "below"),
        )
        return " and ".join(f"{words} {_format_limit(limit)}" for limit, words in parts if math.isfinite(limit))

    def __call__(self, _instance: object, _field: object, value: Any) -> None:
        if isinstance(value, tuple) and len(value) > MAX_ITEMS:
            raise ValueError(f"must have at most {MAX_ITEMS} numbers, not {len(value)}")
        if isinstance(value, Mapping):
            value = tuple(value.values())
        elif isinstance(value, str):
            return  # a word beside numbers by class
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
                raise ValueError(f"must be a finite number, not {number!r}")
            if not (self.ge <= number <= self.le and self.gt < number < self.lt):
                raise ValueError(f"must be {self}, not {number!r}")
            if abs(number) > self.largest:
                raise ValueError(f"must be at most {_format_limit(self.largest)}, not {number!r}")


def _format_limit(limit: float) -> str:
    return f"{limit:,.0f}" if float(limit).is_integer() and abs(limit) <= MAX_COUNT else f"{limit:g}"


finite = Bounds(largest=MAX_NUMBER)
positive = Bounds(gt=0, largest=MAX_NUMBER)
not_negative = Bounds(ge=0, largest=MAX_NUMBER)
at_least_one = Bounds(ge=1, largest=MAX_COUNT)
fraction = Bounds(ge=0, le=1)
any_seed = Bounds(ge=0)  # every number of 64 bits


@frozen
class NotEmpty:
    """A validator for a string or a tuple that must not be empty."""

    def __str__(self) -> str:
        return "not empty"

    def __call__(self, _instance: object, _field: object, value: Any) -> None:
        if len(value) == 0:
            raise ValueError("must not be empty")


not_empty = NotEmpty()

NOT_PLAIN = frozenset(  # codecs of Python's that are no encoding of a file, or another one on each machine
    {"idna", "mbcs", "oem", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}
)


@frozen
class TextEncoding:
    """A validator for the name of a text encoding, by any name that Python knows.

    >>> is_text_encoding("CP949"), is_text_encoding("base64"), is_text_encoding("klingon")
    (True, False, False)
    """

    def __str__(self) -> str:
        return "a text encoding of Python's"

    def __call__(self, _instance: object, _field: object, value: str) -> None:
        if not is_text_encoding(value):
            hint = "for example utf-8, utf-16, cp949, cp1252, shift_jis, gb18030"
            raise ValueError(f'must be a text encoding, not "{value[:60]}": {hint}')


def is_text_encoding(name: str) -> bool:
    """Whether this names an encoding in which a text file can be written."""
    try:
        info = codecs.lookup(name) if name.isascii() else None
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return info is not None and info.incrementaldecoder is not None and info.name not in NOT_PLAIN


text_encoding = TextEncoding()
