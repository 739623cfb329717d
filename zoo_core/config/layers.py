"""Layers of a recipe, one over another: what overrides what, and where each value was written."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve

from zoo_core.config.structure import RawScalar
from zoo_core.config.toml import Document, KeyPath, check_depth
from zoo_core.errors import RecipeError

COMMAND_LINE = "command line"
MAX_LOCATION_CHARS = 200  # characters of an assignment that its place shows


def parse_assignment(text: str, fixed_keys: tuple[str, ...] = (), *, written_as: str = "") -> Document:
    """One `KEY=VALUE` as a layer. The value is TOML where it can be, else a string; `fixed` keys are refused.

    `said` is how it was written, where that was not `--set KEY=VALUE`.

    >>> assignment("optimizer.lr=0.1").values["optimizer"]
    {'lr': Spelled(value=0.1, text='0.1')}
    """
    key, equals, value = text.partition("=")
    path = tuple(part.strip() for part in key.split("."))
    if not equals or not all(path) or len(path) > 16:
        raise RecipeError(f'"{text}" is no KEY=VALUE', hint="as in optimizer.lr=0.1 or model=mlp")
    if path[0] in fixed_keys:
        raise RecipeError(f'"{path[0]}" cannot be set, only written in a recipe\'s file')
    where = written_as or f"--set {text}"
    where = where if len(where) <= MAX_LOCATION_CHARS else f"{where[:MAX_LOCATION_CHARS]} …"
    raw = _read(value.strip(), where)
    for part in reversed(path):
        raw = {part: raw}
    return Document(raw, {path[:length]: where for length in range(1, len(path) + 1)}, COMMAND_LINE)


def _read(value: str, where: str) -> Any:
    line = f"x = {value}"
    try:
        check_depth(line, where)
    except RecipeError as error:
        raise RecipeError(*(evolve(problem, where=where) for problem in error.problems)) from None
    try:
        parsed = tomllib.loads(line)
        raw: Any = parsed["x"] if len(parsed) == 1 else value
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        raw = value
    return raw if isinstance(raw, str | dict | list) else RawScalar(raw, value)


def merge_layers(layers: Iterable[Document]) -> Document:
    """All layers in one, the weakest first: plain values, and the place each was written."""
    values: dict[str, Any] = {}
    places: dict[KeyPath, str] = {}
    for layer in layers:
        _merge(values, layer.values, (), places, layer.locations)
    return Document(values, places)


def _merge(
    into: dict[str, Any],
    layer: Mapping[str, Any],
    path: KeyPath,
    places: dict[KeyPath, str],
    new: Mapping[KeyPath, str],
) -> None:
    """Put one layer over another. A table with `use` puts another part in: nothing below it survives."""
    for key, value in layer.items():
        at = (*path, key)
        old = into.get(key)
        if isinstance(value, Mapping) and "use" not in value and isinstance(old, str | Mapping):
            table = {"use": old} if isinstance(old, str) else dict(old)
            into[key] = table
            _merge(table, value, at, places, new)
        else:
            for stale in [p for p in places if p[: len(at)] == at]:
                del places[stale]
            into[key] = value
            places.update({p: place for p, place in new.items() if p[: len(at)] == at})
        if at in new:
            places.setdefault(at, new[at])
