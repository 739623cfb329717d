"""Limits on what is read, unless a setting says otherwise."""

from __future__ import annotations

from zoo_core.errors import DataError

TOO_LONG_HINT = "is a quote missing? --reader '{ use = \"NAME\", longest = N }' allows N"


def check_length(name: str, value: str, line: int, longest: int) -> None:
    """DataError for a field beyond the limit."""
    if len(value) > longest:
        told = f'the field "{name}" has {len(value):,} characters, more than {longest:,}'
        raise DataError(told, where=str(line), hint=TOO_LONG_HINT)


MAX_FIELD_CHARS = 1_000_000  # characters of a field
