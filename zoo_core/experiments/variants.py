"""What a swap compares: the parts and values put in, as recipes; those that do not fit, with the reason."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from zoo_core.components.component import Component
from zoo_core.components.fields import is_slot
from zoo_core.components.kinds import kind_of, setting_fields
from zoo_core.config.structure import unstructure
from zoo_core.errors import PluginError, RecipeError, ZooError
from zoo_core.messages import Suggestion, escape_control_chars, join_names, suggest
from zoo_core.recipes import compatibility
from zoo_core.recipes.keys import flatten_plan
from zoo_core.recipes.plan import SLOTS, TABLES, Plan
from zoo_core.recipes.recipe import Recipe, to_toml

FIXED_KEYS = ("split", "training.metrics", "training.monitor")  # the same for every choice, or nothing is compared
MAX_VARIANTS = 1000


@frozen
class Variant:
    """One of what is compared: what it is called, and its recipe."""

    name: str
    recipe: Recipe


@frozen
class Variants:
    """The first fits and is the baseline; `skipped` are the names of those that do not fit, and why."""

    compatible: tuple[Variant, ...]
    skipped: Mapping[str, str]


def build_variants(recipe: Recipe, swaps: Sequence[str], *, num_classes: int = 2, strict: bool = False) -> Variants:
    """The product of `SLOT=a,b,c` of each swap. A swap of one value is compared with what the recipe has.

    RecipeError for a slot there is not, a name nobody knows, a baseline that does not fit, and, where `strict`, for
    anything that does not.
    """
    plan = recipe.plan()
    axes = [_axis(recipe, plan, swap) for swap in swaps]
    slots = [slot for slot, _ in axes]
    for slot in slots:
        if slots.count(slot) > 1:
            raise RecipeError(f"{slot} is swapped twice", hint=f"as in {slot}=a,b")
    number = 1
    for _, values in axes:
        number *= len(values)
    if number > MAX_VARIANTS:
        raise RecipeError(f"{number} choices are more than {MAX_VARIANTS}")
    fitting: list[Variant] = []
    skipped: dict[str, str] = {}
    for taken in itertools.product(*(values for _, values in axes)):
        put = [(slot, value) for slot, value in zip(slots, taken, strict=True) if value]
        put.sort(key=lambda one: one[0].count("."))  # another part first, its settings after it
        made = recipe.override(*(f"{slot}={value}" for slot, value in put))
        name = _name(slots, [value or _there(plan, slot) for slot, value in zip(slots, taken, strict=True)])
        try:
            compatibility.check(made, num_classes=num_classes)
        except ZooError as error:
            if isinstance(error, PluginError):
                raise
            skipped[name] = " · ".join(_reason(problem.text, problem.hint) for problem in error.problems)
            if strict or not fitting:
                raise
            continue
        fitting.append(Variant(name, made))
    return Variants(tuple(_different(fitting)), skipped)


def _reason(message: str, hint: str) -> str:
    return escape_control_chars(f"{message} ({hint})" if hint else message)


def _name(slots: Sequence[str], values: Sequence[str]) -> str:
    """The value where there is one slot; `slot=value` of each where there are more."""
    if not slots:
        return "as it is"
    if len(slots) == 1:
        return values[0]
    return ", ".join(f"{slot.rpartition('.')[2]}={value}" for slot, value in zip(slots, values, strict=True))


def _different(choices: Sequence[Variant]) -> Iterator[Variant]:
    seen: dict[str, str] = {}
    for choice in choices:
        own = to_toml(choice.recipe.plan(), choice.recipe.zoo.registry)
        if own in seen:
            raise RecipeError(f'"{choice.name}" and "{seen[own]}" are the same recipe', hint="name each once")
        seen[own] = choice.name
        yield choice


def _axis(recipe: Recipe, plan: Plan, swap: str) -> tuple[str, list[str]]:
    slot, equals, text = swap.partition("=")
    slot, values = slot.strip(), split_list(text)
    if not equals or not values or not all(values):
        raise RecipeError(f'"{swap}" is no SLOT=a,b,c', hint="as in model.activation=relu,prelu or optimizer.lr=0.1,1")
    if any(slot == one or slot.startswith(f"{one}.") for one in FIXED_KEYS):
        raise RecipeError(f"{slot} cannot be swapped: every choice is judged on the same rows and by the same figures")
    there = find_slots(plan)
    if slot not in there and not _settles(recipe, slot, values):
        raise RecipeError(f'there is no slot "{slot}"', hint=_hint(recipe, slot, plan))
    if slot in there:
        for value in values:
            _known(recipe, there[slot], value)
    return slot, values if len(values) > 1 else ["", *values]


def _settles(recipe: Recipe, slot: str, values: Sequence[str]) -> bool:
    """Whether some value makes this a setting of the recipe: what no value does is no setting."""
    path = slot.split(".")
    if len(path) < 2 or path[0] not in (*SLOTS, *TABLES) or not all(path):
        return False
    for value in values:
        try:
            recipe.override(f"{slot}={value}").plan()
            return True
        except ZooError as error:
            if not any(problem.code == "unknown-setting" and problem.setting == slot for problem in error.problems):
                return True
    return False


def _known(recipe: Recipe, kind: str, value: str) -> None:
    """RecipeError for a part nobody knows: a slip of the pen, and nothing that does not fit."""
    raw = recipe.override(f"part={value}").layers[-1].values["part"]
    name = raw.get("use", "") if isinstance(raw, Mapping) else getattr(raw, "text", raw)
    if isinstance(name, str) and name:
        recipe.zoo.registry.get(kind, name)


def split_list(text: str) -> list[str]:
    """A list of values, cut at the commas that stand in no bracket and no quotes.

    >>> split_values('relu, {use="prelu", init=0.1},[1,2]')
    ['relu', '{use="prelu", init=0.1}', '[1,2]']
    """
    parts, depth, quote = [""], 0, ""
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
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def find_slots(plan: Plan) -> dict[str, str]:
    """Every slot of a plan that takes one part, those inside parts too, and the kind it takes."""
    found: dict[str, str] = {}

    def walk(part: Any, path: str) -> None:
        for one in setting_fields(type(part)):
            value = getattr(part, one.name)
            if is_slot(one) and isinstance(value, Component):
                found[f"{path}{one.name}"] = kind_of(type(value)).name
                walk(value, f"{path}{one.name}.")

    walk(plan, "")
    return found


def _hint(recipe: Recipe, slot: str, plan: Plan) -> str:
    there = find_slots(plan)
    last = {name.rpartition(".")[2]: name for name in there}
    known = [*there, *flatten_plan(plan, recipe.zoo.registry)]
    suggestion = Suggestion(last[slot]) if slot in last else suggest(slot, known)
    close = f"{suggestion.text} " if suggestion else ""
    return f"{close}the slots are {join_names(there)}; a setting of one is swapped too, as in optimizer.lr=0.1,1"


def _there(plan: Plan, slot: str) -> str:
    """What a plan has at a slot or a setting, as it would be written."""
    value: Any = plan
    for name in slot.split("."):
        value = getattr(value, name)
    if isinstance(value, Component):
        return value.name
    plain = unstructure(value)
    return re.sub(r"^'|'$", "", repr(plain)) if not isinstance(plain, bool) else str(plain).lower()
