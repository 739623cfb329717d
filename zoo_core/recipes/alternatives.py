"""What could stand in a slot, given everything else, and why the others cannot. Reads no data, loads no torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import attrs
from attrs import frozen

from zoo_core.components.component import Component
from zoo_core.components.fields import is_slot
from zoo_core.components.kinds import kind_of, setting_fields
from zoo_core.errors import RecipeError, ZooError
from zoo_core.messages import join_names, name_hint
from zoo_core.plugins.registry import Entry
from zoo_core.recipes.compatibility import find_candidates, find_conflicts
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe


@frozen
class Candidate:
    """A component that could stand in a slot, or not: `reasons` is empty for one that fits. `here`: it stands there."""

    name: str
    plugin: str
    reasons: tuple[str, ...]
    is_current: bool


def iter_slots(holder: Any, prefix: str = "") -> Iterator[tuple[str, str, bool]]:
    """Every slot below a plan: its dotted key, the kind it takes, whether it takes several."""
    for one in setting_fields(type(holder)):
        value = getattr(holder, one.name)
        several = get_origin(one.type) is tuple
        if is_slot(one):
            yield f"{prefix}{one.name}", kind_of(get_args(one.type)[0] if several else type(value)).name, several
        if attrs.has(type(value)):
            yield from iter_slots(value, f"{prefix}{one.name}.")


@frozen
class Alternatives:
    """The choices for a slot, those that fit first, and what is wrong with the recipe whatever stands there."""

    candidates: tuple[Candidate, ...]
    common_problems: tuple[str, ...]


def enum_values(plan: Plan, key: str) -> list[str]:
    """The values of a setting that has only a few: the words it may be, or true and false."""
    *above, name = key.split(".")
    holder: Any = plan
    for each in above:
        holder = getattr(holder, each, None)
    types = {one.name: one.type for one in setting_fields(type(holder))} if attrs.has(type(holder)) else {}
    type_ = types.get(name)
    return ["true", "false"] if type_ is bool else list(get_args(type_)) if get_origin(type_) is Literal else []


def find_alternatives(recipe: Recipe, slot: str, *, num_classes: int = 2) -> Alternatives:
    """Every component of a slot's kind, each tried as `--set SLOT=NAME` would put it there.

    What is there is taken as it is set; for a slot that takes several, each is tried beside those that are there.
    RecipeError for an unknown slot.
    """
    plan = recipe.plan()
    there = {key: (kind, several) for key, kind, several in iter_slots(plan)}
    if slot not in there:
        raise RecipeError(f'there is no slot "{slot}" in this recipe', hint=name_hint(slot, there))
    kind, several = there[slot]
    present = _present(plan, slot)
    registry = recipe.zoo.registry
    entries = registry.of_kind(kind)
    tried = [_reasons(recipe, plan, slot, entry, several, num_classes, present) for entry in entries]
    besides = {clash.message for clash in find_conflicts(plan, num_classes)} if len(entries) > 1 else set()
    besides = besides.intersection(*tried)  # no fault of any of them
    choices = [
        Candidate(
            registry.recipe_name(entry.cls),
            entry.owner.plugin,
            tuple(f"{reason}{mend}" for reason, mend in reasons.items() if reason not in besides),
            entry.cls in present,
        )
        for entry, reasons in zip(entries, tried, strict=True)
    ]
    return Alternatives(tuple(sorted(choices, key=lambda choice: bool(choice.reasons))), tuple(sorted(besides)))


def _present(plan: Plan, slot: str) -> list[type[Component]]:
    """The classes that stand in a slot."""
    node: Any = plan
    for name in slot.split("."):
        node = getattr(node, name)
    return [type(part) for part in (node if isinstance(node, tuple) else (node,))]


def _reasons(
    recipe: Recipe,
    plan: Plan,
    slot: str,
    entry: Entry,
    several: bool,
    num_classes: int,
    present: list[type[Component]],
) -> dict[str, str]:
    """Why a component cannot stand in a slot, each reason with what would mend it below that slot."""
    registry = recipe.zoo.registry
    if entry.cls not in present:
        name = registry.recipe_name(entry.cls)
        if several:
            names = [*(registry.recipe_name(cls) for cls in present), name]
            name = "[" + ", ".join(f'"{each}"' for each in names) + "]"
        try:
            plan = recipe.override(f"{slot}={name}").plan()
        except ZooError as error:
            return {problem.message if problem.setting == slot else problem.text: "" for problem in error.problems}
    found = {}
    for clash in find_conflicts(plan, num_classes):
        mends = [
            f"{'.'.join(at)} = {join_names(names)}"
            for at in clash.slots
            if len(at) > 1 and ".".join(at).startswith(f"{slot}.")
            if (names := find_candidates(plan, at, registry, num_classes, mends=clash))
        ]
        found[clash.message] = f"; fits with {' or '.join(mends)}" if mends else ""
    return found
