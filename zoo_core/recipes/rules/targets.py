"""Conflicts between the type of targets that a task reads and the other components and settings."""

from __future__ import annotations

from collections.abc import Iterator

from zoo_core.components.building.call import takes_argument
from zoo_core.components.component import ANY_TARGETS
from zoo_core.components.kinds import kind_of
from zoo_core.messages import join_names, suggest_command
from zoo_core.recipes.fingerprints import iter_components
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.rules.conflict import Classes, Conflict


def supported_targets(plan: Plan, _classes: Classes) -> Iterator[Conflict]:
    """Components that do not support the type of targets that the task reads."""
    given = plan.task.targets
    for key, component in iter_components(plan):
        supported = getattr(component, "targets", ANY_TARGETS)
        if component is plan.task or given in supported:
            continue
        path = tuple(key.split("."))
        slots, settings = ((), (path[:2],)) if path[0] == "training" else ((path,), ())
        what = f'{kind_of(type(component)).name} "{component.name}"'
        message = f'task "{plan.task.name}" reads {given} targets, {what} supports {join_names(supported)} ones'
        yield Conflict(message, (*slots, *([("task",)] if slots else [])), settings)


def weights_of_targets(plan: Plan, _classes: Classes) -> Iterator[Conflict]:
    """Weights in the loss that are for the other type of targets, or that the loss does not take."""
    training, given = plan.training, plan.task.targets
    if given == "multi-label" and training.class_weights != "none":
        hint = suggest_command("--set", "training.positive_weights=balanced")
        message = "training.class_weights weighs rows of exclusive classes, the task reads multi-label targets"
        yield Conflict(message, (), (("training", "class_weights"),), hint)
    if training.positive_weights == "none":
        return
    if given == "single-label":
        hint = suggest_command("--set", "training.class_weights=balanced")
        message = "training.positive_weights is for multi-label targets, the task reads single-label ones"
        yield Conflict(message, (), (("training", "positive_weights"),), hint)
    elif not takes_argument(plan.loss, "positive_weights"):
        message = f'training.positive_weights is set, loss "{plan.loss.name}" takes no positive weights'
        yield Conflict(message, (("loss",),), (("training", "positive_weights"),))
