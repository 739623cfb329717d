"""Annotated recipes: TOML with the meaning, the limits and the default of every setting as comments."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

import attrs

from zoo_core.components.component import Component
from zoo_core.components.data_contracts import ReaderSettings
from zoo_core.components.fields import Named, default_value, describe_limits, is_slot, named_slot, slot_base
from zoo_core.components.kinds import kind_of, setting_fields, setting_values, summary_line
from zoo_core.components.setting_types import NONE, format_type
from zoo_core.config.assignment import join_key
from zoo_core.config.key_lines import KeyPath
from zoo_core.config.structure import unstructure
from zoo_core.config.toml import parse_toml
from zoo_core.messages import escape_control_chars
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.compatibility import check
from zoo_core.recipes.flat_keys import compact_value, format_toml
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.reader_table import fields_of_readers
from zoo_core.recipes.recipe import Recipe

COMMENT_WIDTH = 116


def annotated_toml(recipe: Recipe, *, about: str = "") -> str:
    """The resolved recipe in TOML, with comments. RecipeError, like `check`, if its components do not fit."""
    plan = check(recipe)
    lines = list(
        _comment(
            "Every setting of this recipe, its meaning and its default. A setting that is left out has its default."
        )
    )
    lines += ["", f"about = {format_toml(about)}"] if about else []
    registry = recipe.zoo.registry
    for field in setting_fields(Plan):
        value = getattr(plan, field.name)
        lines += ["", *_heading(field, value, registry), *_table(value, (field.name,), registry)]
    text = "\n".join(lines) + "\n"
    written = Recipe(recipe.name, recipe.zoo, (recipe.zoo.defaults, parse_toml(text, "the annotated recipe")))
    assert check(written) == plan, "the annotated recipe differs from the recipe"
    return text


def _heading(field: attrs.Attribute[Any], value: Any, registry: Registry) -> Iterator[str]:
    if not is_slot(field):
        yield from _comment(summary_line(type(value)))
        return
    yield from _comment(f"{field.name}: {field.metadata['help']}. {_choices(field, registry)}")


def _table(holder: Any, path: tuple[str, ...], registry: Registry) -> Iterator[str]:
    """A table with its settings, then the tables of inner components that have settings."""
    yield f"[{join_key(path)}]"
    if isinstance(holder, Component):
        yield from _comment(summary_line(type(holder)))
        yield f"use = {format_toml(registry.recipe_name(type(holder)))}"
    inner: list[tuple[KeyPath, attrs.Attribute[Any], Component]] = []
    fields = {field.name: field for field in setting_fields(type(holder))}
    if isinstance(holder, ReaderSettings):
        fields |= fields_of_readers(registry, holder.of_reader())
    for name, value in setting_values(holder).items():
        field = fields[name]
        parts: list[tuple[KeyPath, attrs.Attribute[Any], Any]] = [((name,), field, value)]
        if isinstance(value, Named):
            yield from _comment(_describe(field, registry))
            parts = [((name, part), named_slot(field, part), component) for part, component in value.items()]
        for at, part_field, part in parts:
            if isinstance(part, Component) and setting_fields(type(part)):
                inner.append((at, part_field, part))
                continue
            yield from () if len(at) > 1 else _comment(_describe(field, registry))
            yield f"{join_key(at)} = {format_toml(NONE if part is None else compact_value(part, registry))}"
    for at, part_field, part in inner:
        yield ""
        yield from _comment(_describe(part_field, registry))
        yield from _table(part, (*path, *at), registry)


def _describe(field: attrs.Attribute[Any], registry: Registry) -> str:
    """The meaning, the type and limits, and the default of a setting."""
    value = default_value(field)
    default = f"default {format_toml(unstructure(value))}"
    if is_slot(field):
        default = "no default" if value == "" else default
        return f"{field.metadata['help']}; {default}. {_choices(field, registry)}"
    limits = describe_limits(field)
    return f"{field.metadata['help']} ({format_type(field.type)}{f', {limits}' if limits else ''}; {default})"


def _choices(field: attrs.Attribute[Any], registry: Registry) -> str:
    return f"Choose from {', '.join(registry.matching(kind_of(slot_base(field)).name, field.metadata['where']))}."


def _comment(text: str) -> Iterator[str]:
    """Comment lines; text of a plugin cannot end a comment."""
    for line in textwrap.wrap(escape_control_chars(" ".join(text.split())), COMMENT_WIDTH, break_on_hyphens=False):
        yield f"# {line}"
