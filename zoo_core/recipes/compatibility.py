"""Compatibility of the components of a recipe, checked before training, with a remedy for each conflict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs
from attrs import frozen

from zoo_core.components.component import Component
from zoo_core.components.fields import is_slot
from zoo_core.components.kinds import kind_of, setting_fields
from zoo_core.components.labeled_task import LabeledTask
from zoo_core.components.metric_names import metric_label
from zoo_core.config.key_lines import KeyPath
from zoo_core.config.merged_layers import last_place
from zoo_core.config.structure import build_component
from zoo_core.errors import Problem, RecipeError, ZooError
from zoo_core.messages import join_names, name_hint
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.recipe import Recipe


@frozen
class Conflict:
    """Two components that do not fit, and the slots where another component could resolve it.

    `settings` are other keys that it depends on, each with all that is inside.
    """

    message: str
    slots: tuple[KeyPath, ...]
    settings: tuple[KeyPath, ...] = ()
    hint: str = ""


Rule = Callable[[Plan, int], Iterator[Conflict]]


def _layout(plan: Plan, _classes: int) -> Iterator[Conflict]:
    if plan.vectorizer.layout not in plan.model.accepts:
        yield Conflict(
            f'vectorizer "{plan.vectorizer.name}" has the layout {plan.vectorizer.layout}, '
            f'model "{plan.model.name}" accepts {join_names(plan.model.accepts)}',
            (("vectorizer",), ("model",)),
        )


def _scores(plan: Plan, _classes: int) -> Iterator[Conflict]:
    output, expected = plan.model.output_form(), plan.loss.expects
    if expected == "scores" or output == expected:
        return
    nested = tuple(("model", name) for name in _activation_slots(plan.model))
    model = f'model "{plan.model.name}" outputs {output}{_with_activations(plan)}'
    yield Conflict(f'loss "{plan.loss.name}" expects {expected}, {model}', (("loss",), *nested))


def _with_activations(plan: Plan) -> str:
    names = [(slot, getattr(plan.model, slot).name) for slot in _activation_slots(plan.model)]
    return " with " + ", ".join(f'{slot} = "{name}"' for slot, name in names) if names else ""


def _activation_slots(model: Component) -> list[str]:
    fields = setting_fields(type(model))
    return [field.name for field in fields if is_slot(field) and isinstance(getattr(model, field.name), Component)]


def _input_type(plan: Plan, _classes: int) -> Iterator[Conflict]:
    if plan.task.output_type != plan.vectorizer.input_type:
        yield Conflict(
            f'task "{plan.task.name}" outputs {plan.task.output_type}, vectorizer "{plan.vectorizer.name}" '
            f"expects {plan.vectorizer.input_type}",
            (("vectorizer",), ("task",)),
        )


def _augmented_type(plan: Plan, _classes: int) -> Iterator[Conflict]:
    if plan.augmenter.changes_texts and plan.task.output_type != plan.augmenter.input_type:
        yield Conflict(
            f'task "{plan.task.name}" outputs {plan.task.output_type}, augmenter "{plan.augmenter.name}" '
            f"changes {plan.augmenter.input_type}",
            (("augmenter",), ("task",)),
        )


def _soft_targets(plan: Plan, _classes: int) -> Iterator[Conflict]:
    if plan.task.has_soft_targets() and not plan.loss.supports_soft_targets:
        message = f'task "{plan.task.name}" (as set) reads probabilities, loss "{plan.loss.name}" only supports labels'
        yield Conflict(message, (("loss",),), (("task",),))


def _label_rules(plan: Plan, _classes: int) -> Iterator[Conflict]:
    task = plan.task
    if isinstance(task, LabeledTask) and task.has_soft_targets() and (task.labels_to_drop() or task.min_rows):
        message = f'task "{task.name}" (as set) reads probabilities, not labels that drop_labels or min_rows apply to'
        yield Conflict(message, (), (("task",),))


def _class_count(plan: Plan, classes: int) -> Iterator[Conflict]:
    if classes > 2 and plan.loss.labels == "binary":
        yield Conflict(f'loss "{plan.loss.name}" is for two classes, the data has {classes}', (("loss",),))


def _gradients(plan: Plan, _classes: int) -> Iterator[Conflict]:
    if not plan.model.sparse_gradients:
        return
    if not plan.optimizer.accepts_sparse_gradients():
        optimizer = f'optimizer "{plan.optimizer.name}" (as set) does not support them'
        message = f'model "{plan.model.name}" has sparse gradients, {optimizer}'
        yield Conflict(message, (("optimizer",), ("model",)), (("optimizer",),))
    if plan.training.clip or plan.training.l1:
        yield Conflict(
            f'training.clip and training.l1 need dense gradients, model "{plan.model.name}" has sparse ones',
            (("model",),),
            (("training", "clip"), ("training", "l1")),
        )


def _metrics(plan: Plan, _classes: int) -> Iterator[Conflict]:
    for metric in plan.training.metrics:
        if metric.response == "probabilities" and plan.loss.link == "none":
            yield Conflict(
                f'metric "{metric.name}" needs probabilities, loss "{plan.loss.name}" has none',
                (("loss",),),
                (("training", "metrics"),),
            )


def _metric_labels(plan: Plan, _classes: int) -> Iterator[Conflict]:
    names = [metric_label(metric) for metric in plan.training.metrics]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Conflict(f'training.metrics has "{name}" twice', (), (("training", "metrics"),))
    if "loss" in names:
        yield Conflict(
            'training.metrics has a metric "loss", the name of the loss itself', (), (("training", "metrics"),)
        )


def _scheduler(plan: Plan, _classes: int) -> Iterator[Conflict]:
    if plan.scheduler.interval == "batch" and plan.scheduler.needs_metric:
        problem = "steps after every batch, but needs a metric that is known after an epoch"
        yield Conflict(f'scheduler "{plan.scheduler.name}" {problem}', (("scheduler",),))


def _monitor(plan: Plan, _classes: int) -> Iterator[Conflict]:
    names = ["loss", *map(metric_label, plan.training.metrics)]
    if plan.training.monitor not in names:
        message = f'training.monitor = "{plan.training.monitor}" is not one of {join_names(names)}'
        hint = name_hint(plan.training.monitor, names)
        yield Conflict(message, (), (("training", "monitor"), ("training", "metrics")), hint)


RULES: tuple[Rule, ...] = (
    _input_type,
    _augmented_type,
    _layout,
    _scores,
    _soft_targets,
    _label_rules,
    _class_count,
    _gradients,
    _scheduler,
    _metrics,
    _metric_labels,
    _monitor,
)


def find_conflicts(plan: Plan, num_classes: int = 2) -> list[Conflict]:
    """Every conflict between the components of a plan."""
    return [conflict for rule in RULES for conflict in rule(plan, num_classes)]


def check(recipe: Recipe, *, num_classes: int = 2) -> Plan:
    """The plan of a recipe; RecipeError with every conflict of its components, and what would resolve it.

    It reads no data and loads no torch. `num_classes` is 2 until the data is read.
    """
    plan = recipe.plan()
    check_plan(recipe, plan, num_classes=num_classes)
    return plan


def check_plan(recipe: Recipe, plan: Plan, *, num_classes: int = 2) -> None:
    """Check the resolved plan of a recipe, as `check` does."""
    conflicts = find_conflicts(plan, num_classes)
    if conflicts:
        locations = recipe.merged().locations
        registry = recipe.zoo.registry
        raise RecipeError(*(_explain(conflict, plan, num_classes, registry, locations) for conflict in conflicts))


def _explain(
    conflict: Conflict, plan: Plan, num_classes: int, registry: Registry, locations: Mapping[KeyPath, str]
) -> Problem:
    """The problem of a conflict, with the place that was set last and the components that would resolve it."""
    paths = [at for path in conflict.slots for at in (path, (*path, "use"), path[:1], (*path[:1], "use"))]
    paths += [at for at in locations if any(at[: len(key)] == key for key in conflict.settings)]
    where = last_place(locations, paths)
    remedies = []
    for path in conflict.slots:
        names = find_candidates(plan, path, registry, num_classes, resolves=conflict)
        if names:
            remedies.append(f"{'.'.join(path)} = {join_names(names)}")
    return Problem(conflict.message, where, "use " + "; or ".join(remedies) if remedies else conflict.hint)


def find_candidates(
    plan: Plan, slot: KeyPath, registry: Registry, num_classes: int = 2, *, resolves: Conflict | None = None
) -> list[str]:
    """The components with which a slot has fewer conflicts, everything else unchanged.

    With `resolves`, only those without a conflict between the slots of that one.
    """
    holder: Any = plan if len(slot) == 1 else getattr(plan, slot[0])
    field = next(field for field in setting_fields(type(holder)) if field.name == slot[-1])
    kind = kind_of(type(getattr(holder, slot[-1]))).name
    before = len(find_conflicts(plan, num_classes))
    names = []
    for name in registry.matching(kind, field.metadata.get("where", {})):
        try:
            component = build_component(registry, kind, name)
        except ZooError:
            continue
        changed: Any = attrs.evolve(holder, **{slot[-1]: component})
        changed = changed if len(slot) == 1 else attrs.evolve(plan, **{slot[0]: changed})
        remaining = find_conflicts(changed, num_classes)
        is_resolved = resolves is None or all(conflict.slots != resolves.slots for conflict in remaining)
        if len(remaining) < before and is_resolved:
            names.append(name)
    return names
