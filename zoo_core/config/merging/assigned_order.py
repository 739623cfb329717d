"""The assignments of a command line in the order in which they take effect, and trees of values as leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from zoo_core.config.key_lines import KeyPath
from zoo_core.config.slot_lookup import written_name
from zoo_core.config.toml import Document


def in_order(
    layers: Iterable[Document], is_by_class: Callable[[KeyPath], bool]
) -> Iterator[tuple[dict[str, Any], dict[KeyPath, str]]]:
    """The assignments of the command line, one value at a time: components before their settings, the last one counts.

    Without it, `optimizer.lr=0.1` would be lost before `optimizer=sgd`. A setting by class is one value, whose last
    assignment replaces those before, the numbers of single classes included.
    """
    assigned: dict[tuple[KeyPath, bool], tuple[Any, str]] = {}
    for layer in layers:
        written = len(max(layer.locations, key=len, default=()))  # names in the key that was assigned
        for path, value in leaves(layer.values, (), is_by_class, written):
            at = max((at for at in layer.locations if at == path[: len(at)]), key=len, default=())
            key = (path, isinstance(value, Mapping))  # an empty table changes nothing
            before = [one for one in assigned if one[0][: len(path)] == path] if is_by_class(path) else [key]
            for one in before:
                assigned.pop(one, None)
            assigned[key] = value, layer.locations.get(at, "")
    for (path, _), (value, location) in sorted(assigned.items(), key=lambda item: len(item[0][0])):
        for name in reversed(path):
            value = {name: value}
        yield value, {path[:length]: location for length in range(1, len(path) + 1)}


def overlay(values: Mapping[str, Any], layer: Mapping[str, Any]) -> dict[str, Any]:
    """Values with those of a layer on top, to look up which component each slot has in the end."""
    merged = dict(values)
    for key, value in layer.items():
        old = merged.get(key)
        if isinstance(value, Mapping):
            merged[key] = overlay(old if isinstance(old, Mapping) else {"use": written_name(old)}, value)
        else:
            merged[key] = {**old, "use": written_name(value)} if isinstance(old, Mapping) else value
    return merged


def leaves(
    values: Mapping[str, Any],
    path: KeyPath,
    is_by_class: Callable[[KeyPath], bool] = lambda _path: False,
    written: int = 0,
) -> Iterator[tuple[KeyPath, Any]]:
    """Every value of a tree with its key path; the name of a component is at the path of its table.

    Numbers by class are one value, unless the key that was written, of `written` names, is that of one class.
    """
    for key, value in values.items():
        at = path if key == "use" and path and not is_by_class(path) else (*path, key)
        if isinstance(value, Mapping) and value and not (is_by_class(at) and written <= len(at)):
            yield from leaves(value, at, is_by_class, written)
        else:
            yield at, value


def flatten(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((".".join(path), value) for path, value in leaves(values, ()))
