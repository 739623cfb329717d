"""The components that fit a slot of a recipe, and why others do not; without data and without torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import attrs
from attrs import frozen

from zoo_core.components.component import Component
from zoo_core.components.fields import is_slot, slot_base, takes_several
from zoo_core.components.kinds import iter_settings, kind_of, setting_fields, value_at
from zoo_core.components.setting_types import NONE, optional_type, without_numbers_by_class
from zoo_core.config.assignment import join_key, split_key
from zoo_core.errors import RecipeError, ZooError
from zoo_core.messages import join_names, name_hint
from zoo_core.plugins.registry import Entry
from zoo_core.recipes.compatibility import find_candidates
from zoo_core.recipes.conflicts import find_conflicts
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe


@frozen
class Candidate:
    """A component of the kind of a slot; `reasons` is empty if it fits, `is_current` if it fills the slot now."""

    name: str
    plugin: str
    reasons: tuple[str, ...]
    is_current: bool


def iter_slots(holder: Any, prefix: str = "") -> Iterator[tuple[str, str, bool]]:
    """Every slot of a plan: its dotted key, its kind, and whether it takes several components."""
    for path, field, value in iter_settings(holder):
        key = f"{prefix}{join_key(path)}"
        if is_slot(field):
            yield key, kind_of(slot_base(field)).name, takes_several(field)
        if attrs.has(type(value)):
            yield from iter_slots(value, f"{key}.")


@frozen
class Alternatives:
    """The candidates for a slot, those that fit first, and the problems that every candidate has."""

    candidates: tuple[Candidate, ...]
    common_problems: tuple[str, ...]


def enum_values(plan: Plan, key: str) -> list[str]:
    """The values of a setting with a fixed set of values: those of a Literal, or true and false."""
    *parents, name = split_key(key) or ("",)
    try:
        holder = value_at(plan, parents)
    except KeyError:
        return []
    types = {field.name: field.type for field in setting_fields(type(holder))} if attrs.has(type(holder)) else {}
    return enum_words(types.get(name))


def enum_words(type_: Any) -> list[str]:
    """The values of a type with a fixed set of values; none of another type."""
    type_ = without_numbers_by_class(type_)
    if (inner := optional_type(type_)) is not None:
        return [*enum_words(inner), NONE]
    return ["true", "false"] if type_ is bool else list(get_args(type_)) if get_origin(type_) is Literal else []


def find_alternatives(recipe: Recipe, slot: str, *, num_classes: int | None = None) -> Alternatives:
    """Try every component of the kind of a slot, as with `--set SLOT=NAME`.

    The current component keeps its settings; in a slot for several components, each is tried beside the current ones.
    RecipeError for an unknown slot.
    """
    plan = recipe.plan()
    slots = {key: (kind, several) for key, kind, several in iter_slots(plan)}
    if slot not in slots:
        raise RecipeError(f'unknown slot "{slot}" in this recipe', hint=name_hint(slot, slots))
    kind, several = slots[slot]
    target = _Slot(slot, several, _current_classes(plan, slot))
    registry = recipe.zoo.registry
    entries = registry.of_kind(kind)
    tried = [_find_reasons(recipe, plan, target, entry, num_classes) for entry in entries]
    common = {conflict.message for conflict in find_conflicts(plan, num_classes)} if len(entries) > 1 else set()
    common = common.intersection(*tried)
    candidates = [
        Candidate(
            registry.recipe_name(entry.cls),
            entry.owner.plugin,
            tuple(f"{reason}{remedy}" for reason, remedy in reasons.items() if reason not in common),
            entry.cls in target.current,
        )
        for entry, reasons in zip(entries, tried, strict=True)
    ]
    candidates.sort(key=lambda candidate: bool(candidate.reasons))
    return Alternatives(tuple(candidates), tuple(sorted(common)))


@frozen
class _Slot:
    """A slot of a plan: its dotted key, whether it takes several components, and the classes that fill it."""

    key: str
    several: bool
    current: tuple[type[Component], ...]


def _current_classes(plan: Plan, slot: str) -> tuple[type[Component], ...]:
    node = value_at(plan, split_key(slot))
    return tuple(
        type(component) for component in (node if isinstance(node, tuple) else (node,) if node is not None else ())
    )


def _find_reasons(recipe: Recipe, plan: Plan, slot: _Slot, entry: Entry, num_classes: int | None) -> dict[str, str]:
    """The reasons why a component does not fit a slot, each with the inner slots that would resolve it."""
    registry = recipe.zoo.registry
    if entry.cls not in slot.current:
        value = registry.recipe_name(entry.cls)
        if slot.several:
            names = [*(registry.recipe_name(cls) for cls in slot.current), value]
            value = "[" + ", ".join(f'"{name}"' for name in names) + "]"
        try:
            plan = recipe.with_assignments(f"{slot.key}={value}").plan()
        except ZooError as error:
            return {problem.message if problem.setting == slot.key else problem.text: "" for problem in error.problems}
    reasons = {}
    for conflict in find_conflicts(plan, num_classes):
        remedies = [
            f"{join_key(path)} = {join_names(names)}"
            for path in conflict.slots
            if len(path) > 1 and join_key(path).startswith(f"{slot.key}.")
            if (names := find_candidates(plan, path, registry, num_classes, resolves=conflict))
        ]
        reasons[conflict.message] = f"; fits with {' or '.join(remedies)}" if remedies else ""
    return reasons
