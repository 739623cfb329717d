"""Compatibility of the components of a recipe, checked before training, with a remedy for each conflict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from zoo_core.components.component import Component
from zoo_core.components.fields import Named, NumbersByClass, slot_base
from zoo_core.components.kinds import iter_settings, kind_of, value_at
from zoo_core.config.assignment import join_key
from zoo_core.config.key_lines import KeyPath
from zoo_core.config.merged_layers import last_place
from zoo_core.config.structure import build_component
from zoo_core.errors import Problem, RecipeError, ZooError
from zoo_core.messages import join_names, name_hint
from zoo_core.plugins.attribution import contract_error
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.conflicts import find_conflicts
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe
from zoo_core.recipes.rules.conflict import Conflict


def check(recipe: Recipe, *, num_classes: int | None = None) -> Plan:
    """The plan of a recipe; RecipeError with every conflict of its components, and what would resolve it.

    It reads no data and loads no torch. `num_classes` is None until the data is read.
    """
    plan = recipe.plan()
    check_plan(recipe, plan, num_classes=num_classes)
    return plan


def check_plan(
    recipe: Recipe, plan: Plan, *, num_classes: int | None = None, classes: Sequence[str] | None = None
) -> None:
    """Check the resolved plan of a recipe, as `check` does; PluginError for a loss that breaks its contract.

    `classes` are the names of the classes of the data, once they are known: the names in settings must be some of them.
    """
    if classes is not None:
        _check_class_names(recipe, plan, classes)
        num_classes = len(classes) if num_classes is None else num_classes
    conflicts = find_conflicts(plan, num_classes)
    for conflict in conflicts:
        if conflict.breach:
            raise contract_error(recipe.zoo.registry, getattr(plan, conflict.slots[0][0]), conflict.breach)
    if conflicts:
        locations = recipe.merged().locations
        registry = recipe.zoo.registry
        raise RecipeError(*(_explain(conflict, plan, num_classes, registry, locations) for conflict in conflicts))


def _check_class_names(recipe: Recipe, plan: Plan, classes: Sequence[str]) -> None:
    """Raise RecipeError for every name in a setting by class that is not the name of a class."""
    known = set(classes)
    unknown = [(path, name) for path, value in _numbers_by_class(plan, ()) for name in value if name not in known]
    if unknown:
        locations = recipe.merged().locations
        problems = [
            Problem(
                f'unknown class "{name}"',
                locations.get((*path, name)) or last_place(locations, [path]),
                name_hint(name, classes),
                setting=".".join(path),
                code="unknown-class",
            )
            for path, name in unknown
        ]
        raise RecipeError(*problems)


def _numbers_by_class(holder: Any, path: KeyPath) -> Iterator[tuple[KeyPath, NumbersByClass]]:
    """Every setting below an attrs instance that is numbers by class, with its key path."""
    for inner_path, _, value in iter_settings(holder):
        at = (*path, *inner_path)
        if isinstance(value, NumbersByClass):
            yield at, value
        parts = [((*at, str(index)), item) for index, item in enumerate(value)] if isinstance(value, tuple) else []
        for inner, item in parts or [(at, value)]:
            if attrs.has(type(item)):
                yield from _numbers_by_class(item, inner)


def find_doubts(plan: Plan) -> list[Problem]:
    """What a recipe may say by mistake, though its components fit: a warning for each."""
    raising, calibrator = raised_classes(plan), plan.calibrator
    doubts = []
    if len(raising) > 1:
        twice = " and ".join(raising) + " both raise the rare classes, which count twice"
        doubts.append(Problem(twice, hint="leave one of them out", code="balanced-twice"))
    if raising and calibrator.calibrates and not calibrator.keeps_labels:
        undone = f'calibrator "{calibrator.name}" counts all rows alike, and undoes what {raising[0]} raises'
        hint = "leave one of them out; a threshold or costs decide by calibrated probabilities"
        doubts.append(Problem(undone, hint=hint, code="weights-undone"))
    return doubts


def raised_classes(plan: Plan) -> list[str]:
    """What raises classes in training, in words: weights of the loss, a sampler that balances classes."""
    sampler, training = plan.sampler, plan.training
    raising = [f'sampler "{sampler.name}"'] if sampler.balances_classes else []
    for name, weights in (("class_weights", training.class_weights), ("positive_weights", training.positive_weights)):
        if weights != "none":
            value = f'"{weights}"' if isinstance(weights, str) else "numbers by class"
            raising.append(f"training.{name} = {value}")
    return raising


def _explain(
    conflict: Conflict, plan: Plan, num_classes: int | None, registry: Registry, locations: Mapping[KeyPath, str]
) -> Problem:
    """The problem of a conflict, with the place that was set last and the components that would resolve it."""
    paths = [at for path in conflict.slots for at in (path, (*path, "use"), path[:1], (*path[:1], "use"))]
    paths += [at for at in locations if any(at[: len(key)] == key for key in conflict.settings)]
    where = last_place(locations, paths)
    remedies = []
    for path in conflict.slots:
        names = find_candidates(plan, path, registry, num_classes, resolves=conflict)
        if names:
            remedies.append(f"{join_key(path)} = {join_names(names)}")
    return Problem(conflict.message, where, "use " + "; or ".join(remedies) if remedies else conflict.hint)


def find_candidates(
    plan: Plan, slot: KeyPath, registry: Registry, num_classes: int | None = None, *, resolves: Conflict | None = None
) -> list[str]:
    """The components with which a slot has fewer conflicts, everything else unchanged.

    With `resolves`, only those without a conflict between the slots of that one.
    """
    field = _slot_at(plan, slot)
    kind = kind_of(slot_base(field)).name
    before = len(find_conflicts(plan, num_classes))
    names = []
    for name in registry.matching(kind, field.metadata.get("where", {})):
        try:
            component = build_component(registry, kind, name)
        except ZooError:
            continue
        remaining = find_conflicts(_replace(plan, slot, component), num_classes)
        is_resolved = resolves is None or all(conflict.slots != resolves.slots for conflict in remaining)
        if len(remaining) < before and is_resolved:
            names.append(name)
    return names


def _slot_at(holder: Any, path: KeyPath) -> attrs.Attribute[Any]:
    """The slot at a path of a plan or a component."""
    for at, field, value in iter_settings(holder):
        if path == at:
            return field
        if path[: len(at)] == at:
            return _slot_at(value, path[len(at) :])
    raise KeyError(path)


def _replace(holder: Any, path: KeyPath, component: Component) -> Any:
    """The plan or component with another component in the slot at this path."""
    first, *inner = path
    new = _replace(value_at(holder, [first]), tuple(inner), component) if inner else component
    if isinstance(holder, Named):
        return Named({**holder, first: new})
    return attrs.evolve(holder, **{first: new})
