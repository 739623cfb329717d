"""Merging the layers of a recipe, with the place where each value was written."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve

from zoo_core.config.structure import RawScalar
from zoo_core.config.toml import Document, KeyPath, check_depth
from zoo_core.errors import RecipeError

COMMAND_LINE = "command line"
MAX_LOCATION_CHARS = 200  # of an assignment in a location


def parse_assignment(text: str, fixed_keys: tuple[str, ...] = (), *, written_as: str = "") -> Document:
    """Parse one `KEY=VALUE` as a layer. A value that is not TOML is a string; `fixed_keys` are rejected.

    `written_as` is what the user wrote, if it was not `--set KEY=VALUE`.

    >>> parse_assignment("optimizer.lr=0.1").values["optimizer"]
    {'lr': RawScalar(value=0.1, text='0.1')}
    """
    key, equals, value = text.partition("=")
    path = tuple(part.strip() for part in key.split("."))
    if not equals or not all(path) or len(path) > 16:
        raise RecipeError(f'"{text}" is not KEY=VALUE', hint="write it as in optimizer.lr=0.1 or model=mlp")
    if path[0] in fixed_keys:
        raise RecipeError(f'"{path[0]}" can only be set in the file of a recipe')
    location = written_as or f"--set {text}"
    location = location if len(location) <= MAX_LOCATION_CHARS else f"{location[:MAX_LOCATION_CHARS]} …"
    raw = _parse_value(value.strip(), location)
    for name in reversed(path):
        raw = {name: raw}
    return Document(raw, {path[:length]: location for length in range(1, len(path) + 1)}, COMMAND_LINE)


def _parse_value(value: str, location: str) -> Any:
    line = f"x = {value}"
    try:
        check_depth(line, location)
    except RecipeError as error:
        raise RecipeError(*(evolve(problem, where=location) for problem in error.problems)) from None
    try:
        parsed = tomllib.loads(line)
        raw: Any = parsed["x"] if len(parsed) == 1 else value
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        raw = value
    return raw if isinstance(raw, str | dict | list) else RawScalar(raw, value)


def merge_layers(layers: Iterable[Document]) -> Document:
    """Merge layers, the lowest priority first: plain values, and the location of each."""
    values: dict[str, Any] = {}
    locations: dict[KeyPath, str] = {}
    for layer in layers:
        _merge(values, layer.values, (), locations, layer.locations)
    return Document(values, locations)


def _merge(
    target: dict[str, Any],
    layer: Mapping[str, Any],
    path: KeyPath,
    locations: dict[KeyPath, str],
    new_locations: Mapping[KeyPath, str],
) -> None:
    """Merge one layer into `target`. A table with `use` replaces the component and all of its settings."""
    for key, value in layer.items():
        at = (*path, key)
        old = target.get(key)
        if isinstance(value, Mapping) and "use" not in value and isinstance(old, str | Mapping):
            table = {"use": old} if isinstance(old, str) else dict(old)
            target[key] = table
            _merge(table, value, at, locations, new_locations)
        else:
            for stale in [other for other in locations if other[: len(at)] == at]:
                del locations[stale]
            target[key] = value
            locations.update({new: place for new, place in new_locations.items() if new[: len(at)] == at})
        if at in new_locations:
            locations.setdefault(at, new_locations[at])
