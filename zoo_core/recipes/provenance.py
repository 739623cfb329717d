"""Provenance of a setting: which layer of a recipe set it, on which line, and what it overrode."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve, frozen

from zoo_core.components.component import Component
from zoo_core.components.data_contracts import DETECTED
from zoo_core.components.fields import Named
from zoo_core.components.kinds import kind_of, value_at
from zoo_core.config.assignment import join_key, split_key
from zoo_core.config.key_lines import KeyPath
from zoo_core.config.raw_values import RawScalar
from zoo_core.config.slot_lookup import SlotLookup
from zoo_core.config.toml import Document
from zoo_core.errors import RecipeError, ZooError
from zoo_core.messages import name_hint
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.flat_keys import flatten_plan, plain_default
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.reader_table import READER
from zoo_core.recipes.recipe import Recipe


@frozen
class SettingOrigin:
    """A value of a key: the layer and the place that set it, and whether it is the default of the component."""

    layer: str
    where: str
    value: Any
    default: bool = False


def trace_setting(recipe: Recipe, key: str) -> list[SettingOrigin]:
    """Every value of a key, the lowest layer first: the last one is in effect. RecipeError for an unknown key."""
    registry = recipe.zoo.registry
    values = flatten_plan(recipe.plan(), registry)
    key = (join_key(split_key(key)) or key).removesuffix(".use")
    if key not in values:
        inner = [name for name in values if name.startswith(f"{key}.")]
        hint = f"its keys are {', '.join(inner)}" if inner else name_hint(key, values)
        raise RecipeError(f'unknown key "{key}" in this recipe', hint=hint)
    origins: list[SettingOrigin] = []
    for number, layer in enumerate(recipe.layers, 1):
        partial = evolve(recipe, layers=recipe.layers[:number])
        current = _origins_at(partial.merged(), _plan_or_none(partial), split_key(key), registry, layer.title)
        origins += _new_origins(origins, current)
    return origins


def _plan_or_none(recipe: Recipe) -> Plan | None:
    """The plan of the lower layers; None if they are only valid with a higher layer."""
    try:
        return recipe.plan()
    except ZooError:
        return None


def _origins_at(
    document: Document, plan: Plan | None, path: KeyPath, registry: Registry, title: str
) -> list[SettingOrigin]:
    """The origins of a key with the lower layers merged: the default of its component, and the written value."""
    raw = _raw_value(document.values, path, SlotLookup(registry, Plan))
    holder = None if plan is None else _holder(plan, path)
    is_part = isinstance(holder, Named)
    default: list[SettingOrigin] = []
    if path == (READER,):
        default = [SettingOrigin("default", "", DETECTED, default=True)]
    elif holder is not None and len(path) > 1:
        owner = value_at(plan, path[:-2]) if is_part else holder
        value = plain_default(owner, path[-2]).get(path[-1]) if is_part else plain_default(holder, path[-1])
        default = [] if value is None else [SettingOrigin("default", _owner(owner), value, default=True)]
    if raw is None:
        parents = (path[:length] for length in range(len(path) - 1, 0, -1))
        where = next((document.locations[at] for at in parents if at in document.locations), "")
        return [*default, *(evolve(origin, layer=title, where=where) for origin in default)]
    places = [document.locations[at] for at in _location_paths(path) if at in document.locations]
    value = raw if plan is None else flatten_plan(plan, registry).get(join_key(path), raw)
    return [*default, SettingOrigin(title, places[0] if places else "", value)]


def _new_origins(before: list[SettingOrigin], current: list[SettingOrigin]) -> list[SettingOrigin]:
    """The current origins that differ from those before."""
    if not current:
        return []
    last = current[-1]
    if not before:
        return current[:1] if last.default else current
    if last.default and before[-1].default:
        return [last] if last.value != before[-1].value else []
    return [last] if (last.where, last.default) != (before[-1].where, before[-1].default) else []


def _location_paths(path: KeyPath) -> Iterator[KeyPath]:
    """Where a key may be written: itself, its `use`, or a parent that has it in an inline table."""
    yield path
    yield (*path, "use")
    for length in range(len(path) - 1, 0, -1):
        yield path[:length]


def _raw_value(values: Mapping[str, Any], path: KeyPath, slots: SlotLookup) -> Any:
    """The written value of a key, None if there is none."""
    node: Any = values
    for name in path:
        node = node.get(name) if isinstance(node, Mapping) else None
    if isinstance(node, Mapping) and not slots.is_by_class(values, path):
        node = node.get("use")
    return node.value if isinstance(node, RawScalar) else node


def _holder(plan: Plan, path: KeyPath) -> Any:
    """The object that has the last name of a path as a setting; None if the plan has no such key."""
    try:
        value_at(plan, path)
        return value_at(plan, path[:-1])
    except KeyError:
        return None


def _owner(holder: Any) -> str:
    return f'{kind_of(type(holder)).name} "{holder.name}"' if isinstance(holder, Component) else ""
