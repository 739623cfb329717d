"""Limits on what is read, unless a setting says otherwise."""

from __future__ import annotations

from zoo_core.errors import DataError

LONGER = "is a quote missing? --reader '{ use = \"NAME\", longest = N }' allows N"


def check_length(name: str, value: str, line: int, longest: int) -> None:
    """DataError for a field beyond the limit."""
    if len(value) > longest:
        told = f'the field "{name}" has {len(value):,} characters, more than {longest:,}'
        raise DataError(told, where=str(line), hint=LONGER)


LONGEST = 1_000_000  # characters of a field
