"""Keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import tomlkit
from attrs import frozen

from zoo_core.components.component import Component
from zoo_core.components.fields import default_value
from zoo_core.components.kinds import setting_fields
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.plan import SLOTS, TABLES, Plan
from zoo_core.recipes.recipe import Recipe, to_inline_toml


@frozen
class Difference:
    """A key that two recipes differ in; None where one of them has no such key."""

    key: str
    a: Any
    b: Any


def plain_default(holder: Any, name: str) -> Any:
    one = next(one for one in setting_fields(type(holder)) if one.name == name)
    value = default_value(one)
    return list(value) if isinstance(value, tuple) else value


def flatten_plan(plan: Plan, registry: Registry) -> dict[str, Any]:
    """Every key of a plan, dotted, with its value; a slot has the name of its part, before that part's own keys."""
    return dict(_flat(plan, "", registry))


def _flat(holder: Any, prefix: str, registry: Registry) -> Iterator[tuple[str, Any]]:
    for one in setting_fields(type(holder)):
        value = getattr(holder, one.name)
        if isinstance(value, Component):
            yield f"{prefix}{one.name}", registry.recipe_name(type(value))
        if attrs.has(type(value)):
            yield from _flat(value, f"{prefix}{one.name}.", registry)
        else:
            yield f"{prefix}{one.name}", compact_value(value, registry)


def compact_value(value: Any, registry: Registry) -> Any:
    """A plain value; a part as its name, or as a table with what it has that is not its default."""
    if isinstance(value, tuple):
        return [compact_value(item, registry) for item in value]
    if not isinstance(value, Component):
        return value
    own = {one.name: compact_value(getattr(value, one.name), registry) for one in setting_fields(type(value))}
    changed = {name: item for name, item in own.items() if item != plain_default(value, name)}
    return {"use": registry.recipe_name(type(value)), **changed} if changed else registry.recipe_name(type(value))


def diff_recipes(a: Recipe, b: Recipe) -> list[Difference]:
    """Every key whose value is not the same in two recipes, in the order of a recipe."""
    one, other = (flatten_plan(recipe.plan(), recipe.zoo.registry) for recipe in (a, b))
    order = [*SLOTS, *TABLES]
    every = sorted({**one, **other}, key=lambda key: order.index(key.partition(".")[0]))
    return [Difference(key, one.get(key), other.get(key)) for key in every if one.get(key) != other.get(key)]


def format_toml(value: Any) -> str:
    """A plain value as TOML writes it: `[100]`, `"relu"`, `true`; a dash for none.

    >>> as_toml(["f1", 2.0]), as_toml(None)
    ('["f1", 2.0]', '–')
    """
    return "–" if value is None else tomlkit.item(to_inline_toml(value)).as_string()
