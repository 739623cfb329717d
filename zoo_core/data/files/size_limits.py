"""Limits on what a file may ask for, checked before it is paid for; environment variables raise them."""

from __future__ import annotations

import os

from attrs import frozen

from zoo_core.errors import DataError, RecipeError

MAX_FIELD_CHARS = 1_000_000
TOO_LONG_HINT = "look for a missing quote, or allow N characters: --reader '{ use = \"NAME\", longest = N }'"


@frozen
class Limit:
    """A limit: the environment variable that sets it, and its value without it.

    >>> Limit("ZOO_MAX_EXAMPLES", 3).hint(1000)
    'if that is intended, set ZOO_MAX_EXAMPLES=1000'
    """

    variable: str
    default: int

    def value(self, default: int = 0) -> int:
        """The limit: that of the environment, else `default`, else the general one.

        Raises RecipeError if the variable is not a positive whole number.
        """
        text = os.environ.get(self.variable, "")
        if not text:
            return default or self.default
        if not (text.isascii() and text.isdecimal() and 0 < int(text[:20]) < 2**62):
            raise RecipeError(f'{self.variable}: got "{text}", expected a positive whole number')
        return int(text)

    def hint(self, needed: int) -> str:
        """How to allow so much."""
        return f"if that is intended, set {self.variable}={needed}"


MAX_ROWS = Limit("ZOO_MAX_ROWS", 50_000_000)  # that a columnar file declares
MAX_COLUMNS = Limit("ZOO_MAX_COLUMNS", 10_000)
MAX_FILES = Limit("ZOO_MAX_FILES", 1_000_000)  # of a class folder
MAX_MIB = Limit("ZOO_MAX_MIB", 512)  # that a file may be unpacked or decoded to, unless it is itself large
MAX_LINE_MIB = Limit("ZOO_MAX_LINE_MIB", 16)
MAX_SECONDS = Limit("ZOO_MAX_SECONDS", 8)  # of the processor for a columnar file, and for each of its SECOND_BYTES
MAX_RATIO = 40  # of unpacked to packed size, above which MAX_MIB counts


def max_unpacked_bytes(packed: int, mib: int = 0) -> int:
    """The bytes that so many bytes of a file may be unpacked to; `mib` is a limit for small files."""
    return max(MAX_MIB.value(mib) << 20, 0 if os.environ.get(MAX_MIB.variable) else MAX_RATIO * packed)


def check_columns(count: int, where: str = "") -> None:
    """Raise DataError for too many columns."""
    if count > MAX_COLUMNS.value():
        message = f"{count:,} columns, more than {MAX_COLUMNS.value():,}"
        raise DataError(message, where=where, hint=MAX_COLUMNS.hint(count))


def check_length(name: str, value: str, line: int, longest: int) -> None:
    """Raise DataError, with the line, for a field of more than `longest` characters."""
    if len(value) > longest:
        message = f'the field "{name}" has {len(value):,} characters, more than {longest:,}'
        raise DataError(message, where=str(line), hint=TOO_LONG_HINT)
