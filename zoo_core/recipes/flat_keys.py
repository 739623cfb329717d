"""The dotted keys of a plan with their values, and the differences of two recipes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import tomlkit
from attrs import frozen

from zoo_core.components.component import Component
from zoo_core.components.data_contracts import ReaderSettings
from zoo_core.components.fields import Named, default_value
from zoo_core.components.kinds import setting_fields, setting_values
from zoo_core.components.setting_types import NONE
from zoo_core.config.assignment import join_key
from zoo_core.config.structure import unstructure
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.plan import SLOTS, TABLES, Plan
from zoo_core.recipes.recipe import Recipe, to_inline_toml


@frozen
class Difference:
    """A key with different values in two recipes; None if a recipe does not have the key."""

    key: str
    a: Any
    b: Any


def plain_default(holder: Any, name: str) -> Any:
    """The default of a setting as a plain value."""
    if isinstance(holder, Named):
        return NONE
    field = next(field for field in setting_fields(type(holder)) if field.name == name)
    return unstructure(default_value(field))


def flatten_plan(plan: Plan, registry: Registry) -> dict[str, Any]:
    """Every dotted key of a plan with its value; a slot has the name of its component, and precedes its settings."""
    return dict(_flatten(plan, "", registry))


def _flatten(holder: Any, prefix: str, registry: Registry) -> Iterator[tuple[str, Any]]:
    for name, value in setting_values(holder).items():
        if isinstance(value, Named):
            for part, component in value.items():
                yield from _flatten_component(component, f"{prefix}{name}.{join_key([part])}", registry)
        elif isinstance(value, Component):
            yield from _flatten_component(value, f"{prefix}{name}", registry)
        elif isinstance(holder, ReaderSettings) and name == "use":
            yield prefix.removesuffix("."), value
        elif attrs.has(type(value)):
            yield from _flatten(value, f"{prefix}{name}.", registry)
        else:
            yield f"{prefix}{name}", compact_value(value, registry)


def _flatten_component(component: Component | None, key: str, registry: Registry) -> Iterator[tuple[str, Any]]:
    yield key, NONE if component is None else registry.recipe_name(type(component))
    if component is not None:
        yield from _flatten(component, f"{key}.", registry)


def compact_value(value: Any, registry: Registry) -> Any:
    """A plain value; a component as its name, or as a table with the settings that differ from their defaults."""
    if isinstance(value, tuple):
        return [compact_value(item, registry) for item in value]
    if isinstance(value, Named):
        return {name: NONE if part is None else compact_value(part, registry) for name, part in value.items()}
    if not isinstance(value, Component):
        return unstructure(value)
    fields = setting_fields(type(value))
    settings = {field.name: compact_value(getattr(value, field.name), registry) for field in fields}
    changed = {name: item for name, item in settings.items() if item != plain_default(value, name)}
    return {"use": registry.recipe_name(type(value)), **changed} if changed else registry.recipe_name(type(value))


def diff_recipes(a: Recipe, b: Recipe) -> list[Difference]:
    """Every key with different values in two recipes, in the order of a recipe."""
    values_a, values_b = (flatten_plan(recipe.plan(), recipe.zoo.registry) for recipe in (a, b))
    order = [*SLOTS, *TABLES]
    keys = sorted({**values_a, **values_b}, key=lambda key: order.index(key.partition(".")[0]))
    pairs = [Difference(key, values_a.get(key), values_b.get(key)) for key in keys]
    return [difference for difference in pairs if difference.a != difference.b]


def format_toml(value: Any) -> str:
    """A plain value in TOML: `[100]`, `"relu"`, `true`; a dash for None.

    >>> format_toml(["f1", 2.0]), format_toml(None)
    ('["f1", 2.0]', '–')
    """
    return "–" if value is None else tomlkit.item(to_inline_toml(value)).as_string()
