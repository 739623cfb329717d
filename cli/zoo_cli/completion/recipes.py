"""Completion of recipes and what they hold: kinds, components, keys and values. Does not import torch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo_cli.completion.items import Items, matching_items, open_zoo_for_completion, without_errors

if TYPE_CHECKING:
    from zoo_core.config.zoo import Zoo
    from zoo_core.recipes.recipe import Recipe


def recipe_names(zoo: Zoo) -> list[tuple[str, str]]:
    return [(name, str(document.values.get("about", ""))) for name, document in sorted(zoo.recipes.items())]


def component_names(zoo: Zoo, kind: str) -> list[tuple[str, str]]:
    from zoo_core.components.kinds import summary_line

    return [(zoo.registry.recipe_name(entry.cls), summary_line(entry.cls)) for entry in zoo.registry.of_kind(kind)]


@without_errors
def complete_recipe(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete the name of a recipe."""
    return matching_items(recipe_names(open_zoo_for_completion(ctx)), incomplete)


@without_errors
def complete_recipes(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete the last name of `RECIPE,RECIPE`, without the recipes that are already listed."""
    before, comma, last = incomplete.rpartition(",")
    names = [(name, text) for name, text in recipe_names(open_zoo_for_completion(ctx)) if name not in before.split(",")]
    return matching_items([(f"{before}{comma}{name}", text) for name, text in names], f"{before}{comma}{last}")


@without_errors
def complete_kind(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete the name of a kind, or `recipe`."""
    from zoo_core.components.kinds import KINDS, summary_line

    kinds = [(kind.name, summary_line(kind.base)) for kind in KINDS]
    return matching_items([*kinds, ("recipe", "A recipe by name.")], incomplete)


@without_errors
def complete_shown(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete the name of a kind, a recipe, or any component."""
    from zoo_core.components.kinds import KINDS

    if incomplete in ("", *(kind.name for kind in KINDS)):
        return complete_kind(ctx, parameter, incomplete)
    zoo = open_zoo_for_completion(ctx)
    names = [name for kind in KINDS for name in component_names(zoo, kind.name)]
    items = [*complete_kind(ctx, parameter, incomplete), *matching_items([*names, *recipe_names(zoo)], incomplete)]
    return list({item.value: item for item in items}.values())


@without_errors
def complete_component(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete the name of a component of the kind given before."""
    kind, zoo = ctx.params.get("kind"), open_zoo_for_completion(ctx)
    return matching_items(recipe_names(zoo) if kind == "recipe" else component_names(zoo, str(kind)), incomplete)


@without_errors
def complete_slot_component(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete the name of a component of the kind that the option is named for."""
    return matching_items(component_names(open_zoo_for_completion(ctx), str(parameter.name)), incomplete)


@without_errors
def complete_key(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete a key of the recipe given before."""
    return matching_items(_keys(_recipe(ctx)), incomplete)


@without_errors
def complete_slot(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete a slot of the recipe given before."""
    from zoo_core.recipes.alternatives import iter_slots

    return matching_items([(key, kind) for key, kind, _ in iter_slots(_recipe(ctx).plan())], incomplete)


@without_errors
def complete_assignment(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete `KEY=`, then a value: a component that fits the slot, or a word of an enumeration."""
    return _assignment_items(_recipe(ctx), incomplete, "")


@without_errors
def complete_task_assignment(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete `task.KEY=` with the settings of all tasks, for commands that read data without a recipe."""
    from zoo_core.components.kinds import setting_fields

    entries = open_zoo_for_completion(ctx).registry.of_kind("task")
    fields = {f"task.{field.name}=": field.metadata["help"] for entry in entries for field in setting_fields(entry.cls)}
    return matching_items(sorted(fields.items()), incomplete)


@without_errors
def complete_plotted(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete `NAME.KEY=` with the settings of the components that are plotted."""
    from zoo_core.components.kinds import setting_fields

    registry = open_zoo_for_completion(ctx).registry
    kind = str(ctx.info_name)
    names = [*(ctx.params.get("name") or ()), *ctx.args] or registry.names(kind)
    fields = [(name, field) for name in names for field in setting_fields(registry.get(kind, name).cls)]
    return matching_items([(f"{name}.{field.name}=", field.metadata["help"]) for name, field in fields], incomplete)


@without_errors
def complete_short_form(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete the value of an option that is short for an assignment."""
    from zoo_cli.recipe_argument import SHORT_FORMS

    return matching_items(_compatible_values(_recipe(ctx), SHORT_FORMS[str(parameter.name)]), incomplete)


@without_errors
def complete_swap(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Complete `SLOT=a,b`: as `complete_assignment`, without the values that are already listed."""
    text_before, comma, _ = incomplete.rpartition(",")
    return _assignment_items(_recipe(ctx), incomplete, text_before.partition("=")[2] + comma)


def _assignment_items(recipe: Recipe, incomplete: str, listed: str) -> Items:
    """Items for `KEY=VALUE`; `listed` holds the values before the one to complete, each followed by a comma."""
    key, equals, _ = incomplete.partition("=")
    if not equals:
        return matching_items([(f"{name}=", help) for name, help in _keys(recipe)], incomplete)
    values = [item for item in _compatible_values(recipe, key) if item[0] not in listed.split(",")]
    return matching_items([(f"{key}={listed}{value}", help) for value, help in values], incomplete)


def _recipe(ctx: click.Context) -> Recipe:
    """The recipe that the words before describe: its name, components, and complete settings."""
    from zoo_cli.recipe_argument import combine_recipe
    from zoo_core.recipes.plan import SLOTS

    params: dict[str, Any] = ctx.params
    name = params.get("recipe") or params.get("base")
    if name is None and "recipe" in params and ctx.args:  # click leaves arguments in `args` before an unfinished option
        name = ctx.args[0]
    if isinstance(name, str) and not Path(name).exists():
        name = name.partition(",")[0]  # the first of several recipes
    components = [f"{slot}={params[slot]}" for slot in SLOTS if params.get(slot)]
    settings = [setting for setting in params.get("settings") or () if "=" in setting]
    return combine_recipe(open_zoo_for_completion(ctx), name, [*components, *settings])


def _keys(recipe: Recipe) -> list[tuple[str, str]]:
    from zoo_core.recipes.flat_keys import flatten_plan, format_toml
    from zoo_core.recipes.reader_table import READER, fields_of_readers

    values = flatten_plan(recipe.plan(), recipe.zoo.registry)
    others = {f"{READER}.{name}": field.default for name, field in fields_of_readers(recipe.zoo.registry).items()}
    defaults = {key: list(value) if isinstance(value, tuple) else value for key, value in others.items()}
    return [(key, format_toml(value)) for key, value in {**values, **defaults, **values}.items()]


def _compatible_values(recipe: Recipe, key: str) -> list[tuple[str, str]]:
    from zoo_core.recipes.alternatives import enum_values, enum_words, find_alternatives, iter_slots
    from zoo_core.recipes.reader_table import READER, fields_of_readers

    plan, registry = recipe.plan(), recipe.zoo.registry
    if key == READER:
        return [(name, "") for name in registry.names(READER)]
    if key in {name for name, _, is_list in iter_slots(plan) if not is_list}:
        candidates = find_alternatives(recipe, key).candidates
        return [(candidate.name, "") for candidate in candidates if not candidate.reasons]
    reader_settings = fields_of_readers(registry)
    name = key.removeprefix(f"{READER}.")
    words = (
        enum_words(reader_settings[name].type) if name in reader_settings and name != key else enum_values(plan, key)
    )
    return [(word, "") for word in words]
