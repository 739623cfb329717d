"""Recipe × registry × what the data says → parts that fit, or every reason why not, before any training."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs
from attrs import frozen

from zoo_core.components.component import Component
from zoo_core.components.fields import is_slot
from zoo_core.components.kinds import kind_of, setting_fields
from zoo_core.components.metric_names import metric_label
from zoo_core.config.structure import build_component
from zoo_core.errors import Problem, RecipeError, ZooError
from zoo_core.messages import join_names
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.plan import SLOTS, Plan
from zoo_core.recipes.recipe import Recipe

SlotPath = tuple[str, ...]


@frozen
class Conflict:
    """Two parts that do not fit, and the slots where another part could mend it."""

    message: str
    slots: tuple[SlotPath, ...]


Rule = Callable[[Plan, int], Iterator[Conflict]]


def _layout(plan: Plan, _classes: int) -> Iterator[Conflict]:
    if plan.vectorizer.layout not in plan.model.accepts:
        yield Conflict(
            f'vectorizer "{plan.vectorizer.name}" emits {plan.vectorizer.layout}, '
            f'model "{plan.model.name}" accepts {join_names(plan.model.accepts)}',
            (("vectorizer",), ("model",)),
        )


def _scores(plan: Plan, _classes: int) -> Iterator[Conflict]:
    given, wanted = plan.model.output_form(), plan.loss.expects
    if wanted == "scores" or given == wanted:
        return
    nested = tuple(("model", name) for name in _activation_slots(plan.model))
    yield Conflict(
        f'loss "{plan.loss.name}" wants {wanted}, model "{plan.model.name}" gives {given}{_because(plan)}',
        (("loss",), *nested),
    )


def _because(plan: Plan) -> str:
    parts = [(name, getattr(plan.model, name).name) for name in _activation_slots(plan.model)]
    return " with " + ", ".join(f'{name} = "{value}"' for name, value in parts) if parts else ""


def _activation_slots(part: Component) -> list[str]:
    return [
        one.name
        for one in setting_fields(type(part))
        if is_slot(one) and isinstance(getattr(part, one.name), Component)
    ]


def _matter(plan: Plan, _classes: int) -> Iterator[Conflict]:
    if plan.task.output_type != plan.vectorizer.input_type:
        yield Conflict(
            f'task "{plan.task.name}" gives {plan.task.output_type}, vectorizer "{plan.vectorizer.name}" '
            f"takes {plan.vectorizer.input_type}",
            (("vectorizer",), ("task",)),
        )


def _soft(plan: Plan, _classes: int) -> Iterator[Conflict]:
    if plan.task.has_soft_targets() and not plan.loss.supports_soft_targets:
        told = f'task "{plan.task.name}" (as set) reads probabilities, loss "{plan.loss.name}" takes labels alone'
        yield Conflict(told, (("loss",),))


def _classes_fit(plan: Plan, classes: int) -> Iterator[Conflict]:
    if classes > 2 and plan.loss.labels == "binary":
        yield Conflict(f'loss "{plan.loss.name}" is for two classes, the data has {classes}', (("loss",),))


def _gradients(plan: Plan, _classes: int) -> Iterator[Conflict]:
    if not plan.model.sparse_gradients:
        return
    if not plan.optimizer.accepts_sparse_gradients():
        yield Conflict(
            f'model "{plan.model.name}" has sparse gradients, optimizer "{plan.optimizer.name}" (as set) takes none',
            (("optimizer",), ("model",)),
        )
    if plan.training.clip or plan.training.l1:
        yield Conflict(
            f'training.clip and training.l1 need dense gradients, model "{plan.model.name}" has sparse ones',
            (("model",),),
        )


def _metrics(plan: Plan, _classes: int) -> Iterator[Conflict]:
    for metric in plan.training.metrics:
        if metric.response == "probabilities" and plan.loss.link == "none":
            yield Conflict(
                f'metric "{metric.name}" needs probabilities, loss "{plan.loss.name}" gives none',
                (("loss",),),
            )


def _metrics_once(plan: Plan, _classes: int) -> Iterator[Conflict]:
    names = [metric_label(metric) for metric in plan.training.metrics]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Conflict(f'training.metrics names "{name}" twice', ())
    if "loss" in names:
        yield Conflict('training.metrics holds a metric "loss", which is what the loss itself is called', ())


def _scheduler(plan: Plan, _classes: int) -> Iterator[Conflict]:
    if plan.scheduler.interval == "batch" and plan.scheduler.needs_metric:
        told = "steps with every batch and needs a figure that is known after an epoch"
        yield Conflict(f'scheduler "{plan.scheduler.name}" {told}', (("scheduler",),))


def _monitor(plan: Plan, _classes: int) -> Iterator[Conflict]:
    names = ["loss", *map(metric_label, plan.training.metrics)]
    if plan.training.monitor not in names:
        yield Conflict(f'training.monitor = "{plan.training.monitor}" is none of {join_names(names)}', ())


RULES: tuple[Rule, ...] = (
    _matter,
    _layout,
    _scores,
    _soft,
    _classes_fit,
    _gradients,
    _scheduler,
    _metrics,
    _metrics_once,
    _monitor,
)


def find_conflicts(plan: Plan, num_classes: int = 2) -> list[Conflict]:
    """Every contract that two parts of a plan break between them."""
    return [clash for rule in RULES for clash in rule(plan, num_classes)]


def check(recipe: Recipe, *, num_classes: int = 2) -> Plan:
    """The recipe's plan, all contracts kept; RecipeError with every clash and what would fit otherwise.

    Needs no data, reads none, and loads no torch. `num_classes` is 2 until the data says otherwise.
    """
    plan = recipe.plan()
    check_plan(recipe, plan, num_classes=num_classes)
    return plan


def check_plan(recipe: Recipe, plan: Plan, *, num_classes: int = 2) -> None:
    """Raise RecipeError with every conflict of a recipe's resolved plan, and what would be compatible."""
    conflicts = find_conflicts(plan, num_classes)
    if conflicts:
        locations = recipe.merged().locations
        registry = recipe.zoo.registry
        raise RecipeError(*(_told(conflict, plan, num_classes, registry, locations) for conflict in conflicts))


def _told(clash: Conflict, plan: Plan, classes: int, registry: Registry, places: Any) -> Problem:
    where = next((places[at[:n]] for at in clash.slots for n in (2, 1) if at[:n] in places), "")
    mends = []
    for at in clash.slots:
        names = find_candidates(plan, at, registry, classes, mends=clash)
        if names:
            mends.append(f"{'.'.join(at)} = {join_names(names)}")
    return Problem(clash.message, where, "fitting: " + "; or ".join(mends) if mends else "")


def find_candidates(
    plan: Plan, at: SlotPath, registry: Registry, num_classes: int = 2, *, mends: Conflict | None = None
) -> list[str]:
    """The registered components that fit better into a slot, everything else being as it is.

    With `mends`, only those that clash with nothing as what is there does: by the same rule, in the same slots.
    """
    holder: Any = plan if len(at) == 1 else getattr(plan, at[0])
    one = next(one for one in setting_fields(type(holder)) if one.name == at[-1])
    kind = kind_of(type(getattr(holder, at[-1]))).name
    before = len(find_conflicts(plan, num_classes))
    found = []
    for name in registry.matching(kind, one.metadata.get("where", {})):
        try:
            part = build_component(registry, kind, name)
        except ZooError:
            continue
        other: Any = attrs.evolve(holder, **{at[-1]: part})
        other = other if len(at) == 1 else attrs.evolve(plan, **{at[0]: other})
        left = find_conflicts(other, num_classes)
        if len(left) < before and (mends is None or all(one.slots != mends.slots for one in left)):
            found.append(name)
    return found


__all__ = ["RULES", "SLOTS", "Conflict", "check", "check_plan", "find_candidates", "find_conflicts"]
