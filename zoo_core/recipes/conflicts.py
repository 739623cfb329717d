"""The conflicts between the components of a plan, one rule for each kind of conflict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zoo_core.components.building.call import requires_argument, takes_argument
from zoo_core.components.component import Component
from zoo_core.components.contracts import Model
from zoo_core.components.fields import is_slot
from zoo_core.components.kinds import iter_settings, value_at
from zoo_core.components.labeled_task import LabeledTask
from zoo_core.components.metric_names import metric_label
from zoo_core.config.assignment import join_key, split_key
from zoo_core.config.key_lines import KeyPath
from zoo_core.messages import join_names, name_hint
from zoo_core.recipes.fingerprints import iter_components
from zoo_core.recipes.loss_outputs import UNKNOWN_CLASSES, find_output_problem
from zoo_core.recipes.plan import Plan
from zoo_core.recipes.rules.conflict import Classes, Conflict, Rule
from zoo_core.recipes.rules.targets import supported_targets, weights_of_targets


def _layout(plan: Plan, _classes: Classes) -> Iterator[Conflict]:
    accepted = plan.model.accepted_layouts()
    if plan.vectorizer.layout not in accepted:
        yield Conflict(
            f'vectorizer "{plan.vectorizer.name}" has the layout {plan.vectorizer.layout}, '
            f'model "{plan.model.name}" accepts {join_names(accepted)}{_with_slots(plan, "model")}',
            (("vectorizer",), ("model",), *_slot_paths(plan.model, "model")),
        )


def _feature_names(plan: Plan, _classes: Classes) -> Iterator[Conflict]:
    models = [plan.model, *(part for _, part in iter_components(plan.model) if isinstance(part, Model))]
    asking = [model.name for model in models if requires_argument(model, "feature_names")]
    if asking and not plan.vectorizer.has_feature_names:
        message = f'model "{asking[0]}" needs names of features, vectorizer "{plan.vectorizer.name}" has none'
        yield Conflict(message, (("vectorizer",), ("model",)))


def _scores(plan: Plan, _classes: Classes) -> Iterator[Conflict]:
    output, expected = plan.model.output_form(), plan.loss.expects
    if expected == "scores" or output == expected:
        return
    model = f'model "{plan.model.name}" outputs {output}{_with_slots(plan, "model")}'
    slots = (("loss",), *_slot_paths(plan.model, "model"))
    yield Conflict(f'loss "{plan.loss.name}" expects {expected}, {model}', slots)


def _outputs(plan: Plan, classes: Classes) -> Iterator[Conflict]:
    """The outputs for each number of classes that the loss is for; only the first problem."""
    given = plan.task.targets
    if given not in plan.loss.targets:
        return
    suitable = [count for count in classes if count == 2 or _takes_any_number(plan)]
    problem = next(filter(None, (find_output_problem(plan.loss, count, given) for count in suitable)), "")
    if problem:
        yield Conflict(f'loss "{plan.loss.name}" breaks its contract: {problem}', (("loss",),), breach=problem)
    elif given == "single-label" and _is_constant(plan, suitable):
        one_output = f'loss "{plan.loss.name}" needs one output'
        model = f'model "{plan.model.name}" outputs a distribution{_with_slots(plan, "model")}'
        slots = (("loss",), *_slot_paths(plan.model, "model"))
        yield Conflict(f"{one_output}, {model}, which is always 1 for one output", slots)


def _is_constant(plan: Plan, classes: Sequence[int]) -> bool:
    """Whether a model outputs a distribution over one output, for a loss that takes any scores."""
    takes_any = plan.loss.expects == "scores" and plan.model.output_form() == "distribution"
    return takes_any and any(plan.loss.outputs(count) == 1 for count in classes)


def _with_slots(plan: Plan, name: str) -> str:
    """The components in the slots of a component of a plan, for a message."""
    component = getattr(plan, name)
    names = [(join_key(path), value_at(component, path).name) for _, *path in _slot_paths(component, name)]
    return " with " + ", ".join(f'{slot} = "{name}"' for slot, name in names) if names else ""


def _slot_paths(component: Component, name: str) -> list[KeyPath]:
    """The slots of a component that takes one component each."""
    settings = iter_settings(component)
    return [(name, *path) for path, field, value in settings if is_slot(field) and isinstance(value, Component)]


def _input_type(plan: Plan, _classes: Classes) -> Iterator[Conflict]:
    if plan.task.output_type != plan.vectorizer.input_type:
        yield Conflict(
            f'task "{plan.task.name}" outputs {plan.task.output_type}, vectorizer "{plan.vectorizer.name}" '
            f"expects {plan.vectorizer.input_type}",
            (("vectorizer",), ("task",)),
        )


def _fields(plan: Plan, _classes: Classes) -> Iterator[Conflict]:
    if plan.task.output_type == plan.vectorizer.input_type == "fields":
        for problem in plan.vectorizer.check_fields(plan.task.fields()):
            path = split_key(f"vectorizer.{problem.setting}")
            yield Conflict(f"{join_key(path)}: {problem.message}", (), (path,), problem.hint)


def _augmented_type(plan: Plan, _classes: Classes) -> Iterator[Conflict]:
    if plan.augmenter.changes_texts and plan.task.output_type != plan.augmenter.input_type:
        yield Conflict(
            f'task "{plan.task.name}" outputs {plan.task.output_type}, augmenter "{plan.augmenter.name}" '
            f"changes {plan.augmenter.input_type}",
            (("augmenter",), ("task",)),
        )


def _soft_targets(plan: Plan, _classes: Classes) -> Iterator[Conflict]:
    if plan.task.has_soft_targets() and not plan.loss.supports_soft_targets:
        message = f'task "{plan.task.name}" (as set) reads probabilities, loss "{plan.loss.name}" only supports labels'
        yield Conflict(message, (("loss",),), (("task",),))


def _label_rules(plan: Plan, _classes: Classes) -> Iterator[Conflict]:
    task = plan.task
    if isinstance(task, LabeledTask) and task.has_soft_targets() and (task.labels_to_drop() or task.min_rows):
        message = f'task "{task.name}" (as set) reads probabilities, not labels that drop_labels or min_rows apply to'
        yield Conflict(message, (), (("task",),))


def _takes_any_number(plan: Plan) -> bool:
    """Whether the loss is not limited to two exclusive classes: each label is a question of two answers."""
    return plan.loss.labels == "any" or plan.task.targets == "multi-label"


def _class_count(plan: Plan, classes: Classes) -> Iterator[Conflict]:
    if plan.task.targets == "multi-label":
        return
    if min(classes) > 2 and plan.loss.labels == "binary":
        yield Conflict(f'loss "{plan.loss.name}" is for two classes, the data has {min(classes)}', (("loss",),))
    if min(classes) > 2 and plan.calibrator.labels == "binary":
        message = f'calibrator "{plan.calibrator.name}" is for two classes, the data has {min(classes)}'
        yield Conflict(message, (("calibrator",),))


def _class_weights(plan: Plan, _classes: Classes) -> Iterator[Conflict]:
    if plan.training.class_weights != "none" and not takes_argument(plan.loss, "class_weights"):
        given = plan.training.class_weights
        value = f'"{given}"' if isinstance(given, str) else "numbers by class"
        message = f'training.class_weights = {value}, loss "{plan.loss.name}" takes no class weights'
        yield Conflict(message, (("loss",),), (("training", "class_weights"),))


def _gradients(plan: Plan, _classes: Classes) -> Iterator[Conflict]:
    if not plan.model.has_sparse_gradients():
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


def _metrics(plan: Plan, _classes: Classes) -> Iterator[Conflict]:
    for metric in plan.training.metrics:
        if metric.response == "probabilities" and plan.loss.link == "none":
            yield Conflict(
                f'metric "{metric.name}" needs probabilities, loss "{plan.loss.name}" has none',
                (("loss",),),
                (("training", "metrics"),),
            )


def _metric_labels(plan: Plan, _classes: Classes) -> Iterator[Conflict]:
    names = [metric_label(metric) for metric in plan.training.metrics]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Conflict(f'training.metrics has "{name}" twice', (), (("training", "metrics"),))
    if "loss" in names:
        yield Conflict(
            'training.metrics has a metric "loss", the name of the loss itself', (), (("training", "metrics"),)
        )


def _scheduler(plan: Plan, _classes: Classes) -> Iterator[Conflict]:
    if plan.scheduler.interval == "batch" and plan.scheduler.needs_metric:
        problem = "steps after every batch, but needs a metric that is known after an epoch"
        yield Conflict(f'scheduler "{plan.scheduler.name}" {problem}', (("scheduler",),))


def _monitor(plan: Plan, _classes: Classes) -> Iterator[Conflict]:
    names = ["loss", *map(metric_label, plan.training.metrics)]
    if plan.training.monitor not in names:
        message = f'training.monitor = "{plan.training.monitor}" is not one of {join_names(names)}'
        hint = name_hint(plan.training.monitor, names)
        yield Conflict(message, (), (("training", "monitor"), ("training", "metrics")), hint)


RULES: tuple[Rule, ...] = (
    _input_type,
    _fields,
    _augmented_type,
    _layout,
    _feature_names,
    _scores,
    _outputs,
    supported_targets,
    weights_of_targets,
    _soft_targets,
    _label_rules,
    _class_count,
    _class_weights,
    _gradients,
    _scheduler,
    _metrics,
    _metric_labels,
    _monitor,
)


def find_conflicts(plan: Plan, num_classes: int | None = None) -> list[Conflict]:
    """Every conflict between the components of a plan; without a number of classes, those of 2, 3 and 6 classes."""
    classes = UNKNOWN_CLASSES if num_classes is None else (num_classes,)
    return [conflict for rule in RULES for conflict in rule(plan, classes)]
