"""Which layer of a recipe set a value, on which line, and what it overrode; and what two recipes differ in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs
from attrs import evolve, frozen

from zoo_core.components.component import Component
from zoo_core.components.kinds import kind_of, setting_fields
from zoo_core.config.structure import Path, RawScalar
from zoo_core.config.toml import Document
from zoo_core.errors import RecipeError, ZooError
from zoo_core.messages import name_hint
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.keys import flatten_plan, plain_default
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe


@frozen
class SettingOrigin:
    """A value that a key had: the layer that set it and the place, the value, whether it is a part's own default."""

    layer: str
    where: str
    value: Any
    default: bool = False


def trace_setting(recipe: Recipe, key: str) -> list[SettingOrigin]:
    """Every value a key had, the weakest layer first: the last one stands. RecipeError for a key that is not there."""
    registry = recipe.zoo.registry
    own = flatten_plan(recipe.plan(), registry)
    key = key.removesuffix(".use")
    if key not in own:
        tables = [name for name in own if name.startswith(f"{key}.")]
        hint = f"its keys are {', '.join(tables)}" if tables else name_hint(key, own)
        raise RecipeError(f'there is no key "{key}" in this recipe', hint=hint)
    found: list[SettingOrigin] = []
    for number, layer in enumerate(recipe.layers, 1):
        below = evolve(recipe, layers=recipe.layers[:number])
        told = _stands(below.merged(), _plan(below), tuple(key.split(".")), registry, layer.title)
        found += _news(found, told)
    return found


def _plan(recipe: Recipe) -> Plan | None:
    """The plan of some layers, None where only a layer above puts right what is wrong with it."""
    try:
        return recipe.plan()
    except ZooError:
        return None


def _stands(document: Document, plan: Plan | None, path: Path, registry: Registry, title: str) -> list[SettingOrigin]:
    """What a key stands at with some layers laid: its part's default, where there is one, and what was written."""
    raw = _raw(document.values, path)
    holder = None if plan is None else _holder(plan, path)
    standard: list[SettingOrigin] = []
    if holder is not None and len(path) > 1:
        standard = [SettingOrigin("default", _owner(holder), plain_default(holder, path[-1]), default=True)]
    if raw is None:
        above = (path[:length] for length in range(len(path) - 1, 0, -1))
        where = next((document.locations[at] for at in above if at in document.locations), "")
        return [*standard, *(evolve(one, layer=title, where=where) for one in standard)]
    places = [document.locations[at] for at in _spots(path) if at in document.locations]
    value = raw if plan is None else flatten_plan(plan, registry).get(".".join(path), raw)
    return [*standard, SettingOrigin(title, places[0] if places else "", value)]


def _news(found: list[SettingOrigin], told: list[SettingOrigin]) -> list[SettingOrigin]:
    """Of what stands now, what did not stand before."""
    if not told:
        return []
    last = told[-1]
    if not found:
        return told[:1] if last.default else told
    if last.default and found[-1].default:
        return [last] if last.value != found[-1].value else []
    return [last] if (last.where, last.default) != (found[-1].where, found[-1].default) else []


def _spots(path: Path) -> Iterator[Path]:
    """Where a key may have been written: itself, its `use`, or the table above that holds it on one line."""
    yield path
    yield (*path, "use")
    for length in range(len(path) - 1, 0, -1):
        yield path[:length]


def _raw(values: Mapping[str, Any], path: Path) -> Any:
    """What is written for a key, None where nothing is."""
    node: Any = values
    for name in path:
        node = node.get(name) if isinstance(node, Mapping) else None
    if isinstance(node, Mapping):
        node = node.get("use")
    return node.value if isinstance(node, RawScalar) else node


def _holder(plan: Plan, path: Path) -> Any:
    """What the last name of a path is a setting of; None where this plan has no such key."""
    node: Any = plan
    for name in path[:-1]:
        node = getattr(node, name, None)
    return node if attrs.has(type(node)) and path[-1] in {one.name for one in setting_fields(type(node))} else None


def _owner(holder: Any) -> str:
    return f'{kind_of(type(holder)).name} "{holder.name}"' if isinstance(holder, Component) else ""
