"""Keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import tomlkit
from attrs import frozen

from zoo_core.components.component import Component
from zoo_core.components.fields import default_of
from zoo_core.components.kinds import fields
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.plan import SLOTS, TABLES, Plan
from zoo_core.recipes.recipe import Recipe, inline


@frozen
class Difference:
    """A key that two recipes differ in; None where one of them has no such key."""

    key: str
    a: Any
    b: Any


def _default(holder: Any, name: str) -> Any:
    one = next(one for one in fields(type(holder)) if one.name == name)
    value = default_of(one)
    return list(value) if isinstance(value, tuple) else value


def keys(plan: Plan, registry: Registry) -> dict[str, Any]:
    """Every key of a plan, dotted, with its value; a slot has the name of its part, before that part's own keys."""
    return dict(_flat(plan, "", registry))


def _flat(holder: Any, prefix: str, registry: Registry) -> Iterator[tuple[str, Any]]:
    for one in fields(type(holder)):
        value = getattr(holder, one.name)
        if isinstance(value, Component):
            yield f"{prefix}{one.name}", registry.spelled(type(value))
        if attrs.has(type(value)):
            yield from _flat(value, f"{prefix}{one.name}.", registry)
        else:
            yield f"{prefix}{one.name}", short(value, registry)


def short(value: Any, registry: Registry) -> Any:
    """A plain value; a part as its name, or as a table with what it has that is not its default."""
    if isinstance(value, tuple):
        return [short(item, registry) for item in value]
    if not isinstance(value, Component):
        return value
    own = {one.name: short(getattr(value, one.name), registry) for one in fields(type(value))}
    changed = {name: item for name, item in own.items() if item != _default(value, name)}
    return {"use": registry.spelled(type(value)), **changed} if changed else registry.spelled(type(value))


def differences(a: Recipe, b: Recipe) -> list[Difference]:
    """Every key whose value is not the same in two recipes, in the order of a recipe."""
    one, other = (keys(recipe.plan(), recipe.zoo.registry) for recipe in (a, b))
    order = [*SLOTS, *TABLES]
    every = sorted({**one, **other}, key=lambda key: order.index(key.partition(".")[0]))
    return [Difference(key, one.get(key), other.get(key)) for key in every if one.get(key) != other.get(key)]


def as_toml(value: Any) -> str:
    """A plain value as TOML writes it: `[100]`, `"relu"`, `true`; a dash for none.

    >>> as_toml(["f1", 2.0]), as_toml(None)
    ('["f1", 2.0]', '–')
    """
    return "–" if value is None else tomlkit.item(inline(value)).as_string()
