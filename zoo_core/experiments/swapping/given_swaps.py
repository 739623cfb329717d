"""Swaps that Python code gives as values, as the texts `SLOT=a,b,c` of the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zoo_core.components.component import Component
from zoo_core.config.assigned_values import to_plain
from zoo_core.errors import RecipeError
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.flat_keys import compact_value, format_toml

Swaps = str | Mapping[str, Any]  # a value, or an iterable of values, for each key


def swap_texts(swapped: Swaps, registry: Registry) -> list[str]:
    """The swaps as `SLOT=a,b,c`. Raises RecipeError for what is neither a text nor a dictionary of dotted keys."""
    if isinstance(swapped, str):
        return [swapped]
    if not isinstance(swapped, Mapping) or not all(isinstance(key, str) for key in swapped):
        hint = 'write "optimizer.lr=0.1,0.01" or {"optimizer.lr": [0.1, 0.01]}'
        raise RecipeError(f"invalid swap: {swapped!r}", hint=hint)
    return [
        f"{key}={','.join(_to_text(value, registry) for value in _values(given))}" for key, given in swapped.items()
    ]


def _values(given: Any) -> Iterable[Any]:
    is_one = isinstance(given, str | Mapping | Component) or not isinstance(given, Iterable)
    return [given] if is_one else given


def _to_text(value: Any, registry: Registry) -> str:
    if isinstance(value, str) and not any(character in value for character in ",\"'[]{}"):
        return value
    plain = compact_value(value, registry) if isinstance(value, Component) else to_plain(value, registry)
    try:
        return plain if isinstance(value, Component) and isinstance(plain, str) else format_toml(plain)
    except ValueError:
        raise RecipeError(f"invalid value in a swap: {value!r}", hint="give a number, a name or a component") from None
