"""Swap arguments: `SLOT=a,b,c` parsed and checked against a recipe."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from attrs import frozen

from zoo_core.components.component import Component
from zoo_core.components.fields import Named
from zoo_core.components.kinds import value_at
from zoo_core.components.setting_types import NONE
from zoo_core.config.assignment import join_key, split_assignment, split_key
from zoo_core.config.key_lines import KeyPath
from zoo_core.config.structure import unstructure
from zoo_core.errors import RecipeError, ZooError
from zoo_core.messages import Suggestion, join_names, suggest
from zoo_core.recipes.alternatives import iter_slots
from zoo_core.recipes.flat_keys import flatten_plan, format_toml
from zoo_core.recipes.plan import SLOTS, TABLES, Plan
from zoo_core.recipes.recipe import Recipe

FIXED_KEYS = (
    "reader",
    "split",
    "splitter",
    "training.metrics",
    "training.monitor",
)  # a comparison needs them equal in every variant


@frozen
class SwapAxis:
    """A slot or setting and the values to try there; the value "" stands for the recipe's own.

    `written` is the swap as the user wrote it.
    """

    key: str
    values: tuple[str, ...]
    written: str


def parse_swaps(recipe: Recipe, plan: Plan, swaps: Sequence[str]) -> list[SwapAxis]:
    """Parse each `SLOT=a,b,c`. A single value is compared with the recipe's own.

    Raises RecipeError for an unknown slot, setting or component, and for a slot that is given twice.
    """
    axes = [_parse_swap(recipe, plan, swap) for swap in swaps]
    keys = [axis.key for axis in axes]
    for key in keys:
        if keys.count(key) > 1:
            raise RecipeError(f"{key} is swapped twice", hint=f"give all values at once: {key}=a,b")
    return axes


def _parse_swap(recipe: Recipe, plan: Plan, swap: str) -> SwapAxis:
    path, text = split_assignment(swap)
    key, values = join_key(path), split_list(text)
    if not key or not values or not all(values):
        hint = "for example model.activation=relu,prelu or optimizer.lr=0.1,1"
        if swap in recipe.zoo.recipes or swap.endswith(".toml"):
            hint = f"to compare recipes, join them with commas: {recipe.name},{swap}"
        raise RecipeError(f'invalid swap: got "{swap}", expected SLOT=a,b,c', hint=hint)
    if any(key == fixed or key.startswith(f"{fixed}.") for fixed in FIXED_KEYS):
        raise RecipeError(f"{key} cannot be swapped: all variants need the same rows and the same metrics")
    slots = find_slots(plan)
    if key in slots:
        for value in values:
            if not (value == NONE and is_named_slot(plan, path)):
                _check_component_name(recipe, slots[key], value)
    elif not _is_setting(recipe, key, values):
        raise RecipeError(f'unknown slot "{key}" in {recipe.name}', hint=_slot_hint(recipe, key, plan))
    return SwapAxis(key, tuple(values) if len(values) > 1 else ("", *values), swap)


def _is_setting(recipe: Recipe, key: str, values: Sequence[str]) -> bool:
    """Whether the key is a setting of the recipe with at least one of the values."""
    path = split_key(key)
    if len(path) < 2 or path[0] not in (*SLOTS, *TABLES):
        return False
    for value in values:
        try:
            recipe.with_assignments(f"{key}={value}").plan()
            return True
        except ZooError as error:
            if not any(problem.code == "unknown-setting" and problem.setting == key for problem in error.problems):
                return True
    return False


def _check_component_name(recipe: Recipe, kind: str, value: str) -> None:
    """Raise RecipeError for an unknown name: a typo stops the swap, an incompatible component does not."""
    raw = recipe.with_assignments(f"{kind}={value}").layers[-1].values[kind]
    name = raw.get("use", "") if isinstance(raw, Mapping) else getattr(raw, "text", raw)
    if isinstance(name, str) and name:
        recipe.zoo.registry.get(kind, name)


def split_list(text: str) -> list[str]:
    """Split a list of values at the commas outside brackets and quotes.

    >>> split_list('relu, {use="prelu", init=0.1},[1,2]')
    ['relu', '{use="prelu", init=0.1}', '[1,2]']
    """
    values, depth, quote = [""], 0, ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "[{":
            depth += 1
        elif character in "]}":
            depth -= 1
        if character == "," and not depth and not quote:
            values.append("")
        else:
            values[-1] += character
    return [value.strip() for value in values]


def split_recipes(text: str, is_recipe: Callable[[str], bool]) -> list[str]:
    """The names in `RECIPE,RECIPE,…`; the name or the file of a recipe may have a comma itself.

    >>> split_recipes("text-fast,text-mlp", lambda name: False)
    ['text-fast', 'text-mlp']
    """
    names = [text] if is_recipe(text) else [name.strip() for name in text.split(",")]
    if not all(names):
        raise RecipeError(
            f'invalid recipes: got "{text}", expected RECIPE,RECIPE', hint="for example text-fast,text-mlp"
        )
    return names


def find_slots(plan: Plan) -> dict[str, str]:
    """Map every slot of a plan that takes one component, nested ones included, to its kind."""
    return {key: kind for key, kind, several in iter_slots(plan) if not several}


def is_named_slot(plan: Plan, path: KeyPath) -> bool:
    """Whether a path leads to a component by name, which a recipe may leave out."""
    try:
        return isinstance(value_at(plan, path[:-1]), Named)
    except KeyError:
        return False


def _slot_hint(recipe: Recipe, key: str, plan: Plan) -> str:
    slots = find_slots(plan)
    by_last_name = {slot.rpartition(".")[2]: slot for slot in slots}
    keys = [*slots, *flatten_plan(plan, recipe.zoo.registry)]
    suggestion = Suggestion(by_last_name[key]) if key in by_last_name else suggest(key, keys)
    start = f"{suggestion.text} " if suggestion else ""
    return f"{start}the slots are {join_names(slots)}; settings can be swapped as well, for example optimizer.lr=0.1,1"


def current_value(plan: Plan, key: str) -> str:
    """The value of a plan at a slot or setting, as written in a recipe; "" if the plan does not have it."""
    try:
        value = value_at(plan, split_key(key))
    except KeyError:
        return ""
    if isinstance(value, Component):
        return value.name
    plain = unstructure(value)
    if isinstance(plain, Mapping):
        return format_toml(plain)
    return re.sub(r"^'|'$", "", repr(plain)) if not isinstance(plain, bool) else str(plain).lower()
