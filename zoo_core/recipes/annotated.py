"""A recipe written for people: every setting with its meaning, its limits and its default beside it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from inspect import cleandoc
from typing import Any, get_args, get_origin

import attrs

from zoo_core.components.component import Component
from zoo_core.components.fields import default_value, describe_limits, is_slot
from zoo_core.components.kinds import kind_of, setting_fields
from zoo_core.components.setting_types import format_type
from zoo_core.config.toml import parse_toml
from zoo_core.messages import escape_control_chars
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.compatibility import check
from zoo_core.recipes.keys import compact_value, format_toml
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe

WIDTH = 116


def annotated_toml(recipe: Recipe, *, about: str = "") -> str:
    """The recipe in TOML, resolved, with comments. RecipeError, as `check` raises it, where its parts do not fit."""
    plan = check(recipe)
    lines = list(_comment("Every setting of this recipe, its meaning and its default. A line left out is the default."))
    lines += ["", f"about = {format_toml(about)}"] if about else []
    for one in setting_fields(Plan):
        part = getattr(plan, one.name)
        lines += ["", *_heading(one, part, recipe.zoo.registry), *_table(part, (one.name,), recipe.zoo.registry)]
    text = "\n".join(lines) + "\n"
    again = Recipe(recipe.name, recipe.zoo, (recipe.zoo.defaults, parse_toml(text, "the recipe written")))
    assert check(again) == plan, "what was written is another recipe"
    return text


def _heading(one: attrs.Attribute[Any], part: Any, registry: Registry) -> Iterator[str]:
    if not is_slot(one):
        yield from _comment(_first(type(part)))
        return
    yield from _comment(f"{one.name}: {one.metadata['help']}. {_choices(one, registry)}")


def _table(part: Any, path: tuple[str, ...], registry: Registry) -> Iterator[str]:
    """A table with its settings, then the tables of the parts in its slots that have settings themselves."""
    yield f"[{'.'.join(path)}]"
    if isinstance(part, Component):
        yield from _comment(_first(type(part)))
        yield f"use = {format_toml(registry.recipe_name(type(part)))}"
    inner = []
    for one in setting_fields(type(part)):
        value = getattr(part, one.name)
        if isinstance(value, Component) and setting_fields(type(value)):
            inner.append((one, value))
            continue
        yield from _comment(_meaning(one, registry))
        yield f"{one.name} = {format_toml(compact_value(value, registry))}"
    for one, value in inner:
        yield ""
        yield from _comment(_meaning(one, registry))
        yield from _table(value, (*path, one.name), registry)


def _meaning(one: attrs.Attribute[Any], registry: Registry) -> str:
    """What a setting means, what it may be, and its default."""
    default = default_value(one)
    told = f"default {format_toml(list(default) if isinstance(default, tuple) else default)}"
    if is_slot(one):
        return f"{one.metadata['help']}; {told}. {_choices(one, registry)}"
    limits = describe_limits(one)
    return f"{one.metadata['help']} ({format_type(one.type)}{f', {limits}' if limits else ''}; {told})"


def _choices(one: attrs.Attribute[Any], registry: Registry) -> str:
    base: Any = get_args(one.type)[0] if get_origin(one.type) is tuple else one.type
    return f"There is {', '.join(registry.matching(kind_of(base).name, one.metadata['where']))}."


def _first(cls: type) -> str:
    return cleandoc(cls.__doc__ or "").partition("\n")[0]


def _comment(text: str) -> Iterator[str]:
    """Comment lines: no text of a plugin's can end one and begin something else."""
    for line in textwrap.wrap(escape_control_chars(" ".join(text.split())), WIDTH, break_on_hyphens=False):
        yield f"# {line}"
