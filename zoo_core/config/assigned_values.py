"""Settings that Python code gives as values, as layers of a recipe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from zoo_core.components.component import Component
from zoo_core.components.kinds import kind_of
from zoo_core.config.assignment import split_key
from zoo_core.config.merged_layers import COMMAND_LINE
from zoo_core.config.structure import unstructure
from zoo_core.config.toml import Document
from zoo_core.errors import RecipeError
from zoo_core.plugins.registry import Registry


def assigned_layers(
    tables: Iterable[Mapping[str, Any]], fixed_keys: tuple[str, ...], registry: Registry
) -> Iterator[Document]:
    """A layer for each dotted key: `{"optimizer.lr": 0.1}`. `fixed_keys` are rejected."""
    for table in tables:
        if not isinstance(table, Mapping):
            hint = 'write "optimizer.lr=0.1" or {"optimizer.lr": 0.1}'
            raise RecipeError(f"a change must be a string or a dictionary, not {type(table).__name__}", hint=hint)
        for key, value in table.items():
            path = split_key(key) if isinstance(key, str) else ()
            if not path:
                raise RecipeError(f"{key!r} is not a dotted key", hint='write it as in {"optimizer.lr": 0.1}')
            if path[0] in fixed_keys:
                raise RecipeError(f'"{path[0]}" can only be set in the file of a recipe')
            raw = to_plain(value, registry, path[0] if len(path) == 1 else "")
            for name in reversed(path):
                raw = {name: raw}
            yield Document(
                raw, {path[:length]: f'override("{key}")' for length in range(1, len(path) + 1)}, COMMAND_LINE
            )


def to_plain(value: Any, registry: Registry, slot: str = "") -> Any:
    """A value as TOML has it: a component as a table with `use`, tuples as lists, numbers of numpy as Python's.

    Raises RecipeError for a component of another kind than its slot, if the slot has the name of a kind.
    """
    if isinstance(value, Component):
        kind = kind_of(type(value)).name
        if slot in {entry.kind for entry in registry.entries} and slot != kind:
            raise RecipeError(f"{slot}: must be a component of kind {slot}, not the {kind} {value.name}")
        return unstructure(value, registry)
    if isinstance(value, Mapping):
        return {str(key): to_plain(item, registry) for key, item in value.items()}
    if hasattr(value, "tolist"):  # a number or an array of numpy or torch
        value = value.tolist()
    return [to_plain(item, registry) for item in value] if isinstance(value, list | tuple | range) else value
