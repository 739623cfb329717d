"""Preflight checks: every component is tried once before the first epoch, and one that breaks its contract is named."""

from __future__ import annotations

import inspect

import torch
from torch import Tensor, nn

from zoo_core.components.building.call import trainable_parameters
from zoo_core.components.contracts import Activation, Metric
from zoo_core.components.head import Head
from zoo_core.errors import RecipeError
from zoo_core.evaluation.evaluator import Evaluator
from zoo_core.features.batches import EncodedSplit
from zoo_core.features.module_scores import module_scores
from zoo_core.plugins.attribution import checked_build, contract_error
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.fingerprints import iter_components
from zoo_core.recipes.loss_outputs import find_output_problem
from zoo_core.recipes.plan import Plan
from zoo_core.seeds import preserve_rng_state

CHECKED_ROWS = 2
MAX_SUM_ERROR = 1e-4  # of the probabilities of a row
MODULE = "expected a torch module"


def resolve_device(plan: Plan) -> torch.device:
    """The device that a recipe asks for. Raises RecipeError if it is not available."""
    requested = plan.training.device
    if requested == "cuda" and not torch.cuda.is_available():
        raise RecipeError("training.device = cuda, but torch finds no GPU", hint="use --device cpu or auto")
    return torch.device("cuda" if requested != "cpu" and torch.cuda.is_available() else "cpu")


def check_head(registry: Registry, plan: Plan, classes: int) -> None:
    """Raise PluginError unless the outputs of the loss suit its link and this number of classes."""
    problem = find_output_problem(plan.loss, classes, plan.task.targets)
    if problem:
        raise contract_error(registry, plan.loss, problem)


def check_activations(registry: Registry, plan: Plan) -> None:
    """Raise PluginError for an activation that is not a module or changes the shape of its input."""
    for _, component in iter_components(plan):
        if isinstance(component, Activation):
            with preserve_rng_state(), torch.inference_mode():
                module = checked_build(registry, component)
                if not isinstance(module, nn.Module):
                    raise contract_error(registry, component, f"build() returned {_describe(module)}, {MODULE}")
                output = module.eval()(torch.linspace(-1, 1, 6).view(2, 3))
                if not isinstance(output, Tensor) or output.shape != (2, 3):
                    raise contract_error(
                        registry, component, f"returned {_describe(output)} for an input of shape (2, 3)"
                    )


def check_training_step(
    registry: Registry, plan: Plan, module: nn.Module, evaluator: Evaluator, train: EncodedSplit
) -> None:
    """Score two rows, compute loss, metrics and gradients, build optimizer and scheduler.

    Raises PluginError for the first component that breaks its contract.
    """
    for component, built in ((plan.model, module), (plan.loss, evaluator.loss)):
        if not isinstance(built, nn.Module):
            raise contract_error(registry, component, f"build() returned {_describe(built)}, {MODULE}")
    rows = min(CHECKED_ROWS, len(train))
    features, targets = train.features.slice(0, rows), train.targets[:rows]
    with torch.inference_mode():
        scores = module_scores(module.eval(), features)
        _check_scores(registry, plan, scores, (rows, evaluator.head.outputs))
        if plan.loss.link == "own":
            _check_own_link(registry, plan, evaluator.head, scores)
        loss = evaluator.loss(scores, targets)
        if not isinstance(loss, Tensor) or loss.ndim or not loss.is_floating_point():
            raise contract_error(registry, plan.loss, f"the loss is {_describe(loss)}, expected a scalar")
        for metric in evaluator.metrics:
            _check_metric(registry, evaluator, metric, scores, evaluator.head.form.labels(targets))
    if any(parameter.requires_grad for parameter in module.parameters()):
        scores = module_scores(module, features)
        if not scores.requires_grad:
            raise contract_error(registry, plan.model, "its scores have no gradient")
        if not evaluator.loss(scores, targets).requires_grad:
            raise contract_error(registry, plan.loss, "the loss has no gradient")
    _check_optimizer_and_scheduler(registry, plan, module, len(train))


def _check_scores(registry: Registry, plan: Plan, scores: object, shape: tuple[int, int]) -> None:
    if not isinstance(scores, Tensor) or tuple(scores.shape) != shape or not scores.is_floating_point():
        raise contract_error(
            registry, plan.model, f"its scores are {_describe(scores)}, expected floats of shape {shape}"
        )


def _check_own_link(registry: Registry, plan: Plan, head: Head, scores: Tensor) -> None:
    rows, classes = len(scores), len(head.classes)
    for given in (scores, scores.double()):
        probabilities: object = plan.loss.probabilities(given)
        if not isinstance(probabilities, Tensor) or _form(probabilities) != (given.dtype, (rows, classes)):
            wrong = f"probabilities() returned {_describe(probabilities)} for scores {_describe(given)}"
            raise contract_error(registry, plan.loss, f"{wrong}, expected {given.dtype} {(rows, classes)}")
        sums = probabilities.sum(dim=1)
        if not bool((probabilities >= 0).all() and ((sums - 1).abs() <= MAX_SUM_ERROR).all()):
            low, high = (f"{float(value):g}" for value in probabilities.aminmax())
            wrong = f"from {low} to {high}, with a row that sums to {float(sums[(sums - 1).abs().argmax()]):g}"
            raise contract_error(registry, plan.loss, f"its probabilities are {wrong}, expected rows that sum to 1")
    predicted: object = plan.loss.predict(scores)
    if not isinstance(predicted, Tensor) or predicted.shape != (rows,) or predicted.dtype != torch.int64:
        expected = f"expected class indices torch.int64 ({rows},)"
        raise contract_error(registry, plan.loss, f"predict() returned {_describe(predicted)}, {expected}")
    if not bool(((predicted >= 0) & (predicted < classes)).all()):
        wrong = f"predict() returned a class index from {int(predicted.min())} to {int(predicted.max())}"
        raise contract_error(registry, plan.loss, f"{wrong}, expected 0 to {classes - 1}")


def _check_metric(registry: Registry, evaluator: Evaluator, metric: Metric, scores: Tensor, targets: Tensor) -> None:
    try:
        value = evaluator.compute_metric(metric, scores, targets)
    except (TypeError, AttributeError) as error:
        raise contract_error(registry, metric, f"its accumulator cannot be used: {error}") from error
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise contract_error(registry, metric, f"compute() returned {type(value).__name__}, expected a number")


def _check_optimizer_and_scheduler(registry: Registry, plan: Plan, module: nn.Module, rows: int) -> None:
    optimizer = checked_build(registry, plan.optimizer, **trainable_parameters(module, rows))
    if not isinstance(optimizer, torch.optim.Optimizer):
        what = f"build() returned {type(optimizer).__name__}, expected a torch optimizer"
        raise contract_error(registry, plan.optimizer, what)
    try:
        inspect.signature(optimizer.step).bind(*([torch.zeros] if plan.optimizer.needs_closure else []))
    except TypeError as error:
        declared = f"step() cannot be called with needs_closure = {plan.optimizer.needs_closure}"
        raise contract_error(registry, plan.optimizer, f"{declared}: {error}") from error
    sizes = {"epochs": plan.training.epochs, "steps_per_epoch": 1}
    scheduler = checked_build(registry, plan.scheduler, optimizer=optimizer, **sizes)
    if not callable(getattr(scheduler, "step", None)):
        what = f"build() returned {type(scheduler).__name__}, which has no step()"
        raise contract_error(registry, plan.scheduler, what)
    try:
        inspect.signature(scheduler.step).bind(*([0.0] if plan.scheduler.needs_metric else []))
    except TypeError as error:
        raise contract_error(registry, plan.scheduler, f"step() cannot be called as declared: {error}") from error


def _form(tensor: Tensor) -> tuple[torch.dtype, tuple[int, ...]]:
    return tensor.dtype, tuple(tensor.shape)


def _describe(value: object) -> str:
    return f"{value.dtype} {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__
