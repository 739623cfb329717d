"""Raw values of settings, before they are structured, and their words in messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from zoo_core.components.component import Component
from zoo_core.config.toml import find_unquoted_key


@frozen
class RawScalar:
    """A scalar from the command line: its value as TOML, and its text for settings that are strings."""

    value: Any
    text: str


class UnparsedText(str):
    """A text from the command line that begins as a table, a list or a quoted string, and is invalid TOML."""


def format_value(value: Any) -> str:
    """A raw value for a message, as it is written in TOML.

    >>> format_value("0.1"), format_value(True), format_value([1])
    ('the string "0.1"', 'true', 'a list')
    """
    if isinstance(value, RawScalar):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, UnparsedText):
        key = find_unquoted_key(value)
        return f'the invalid TOML "{value[:60]}"' + (f", whose key must be in quotes: {key}" if key else "")
    if isinstance(value, str):
        return f'the string "{value[:60]}"'
    if isinstance(value, Component):
        return f"the component {value.name}"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    try:
        return str(value)[:60]
    except ValueError:  # Python limits the digits of a number
        return "a number with thousands of digits"
