"""Limits on the length of what is read, unless a reader's setting raises them."""

from __future__ import annotations

from zoo_core.errors import DataError

MAX_FIELD_CHARS = 1_000_000
TOO_LONG_HINT = "look for a missing quote, or allow N characters: --reader '{ use = \"NAME\", longest = N }'"


def check_length(name: str, value: str, line: int, longest: int) -> None:
    """Raise DataError, with the line, for a field of more than `longest` characters."""
    if len(value) > longest:
        message = f'the field "{name}" has {len(value):,} characters, more than {longest:,}'
        raise DataError(message, where=str(line), hint=TOO_LONG_HINT)
