"""Curves of activations and losses as points, which `zoo plot` draws."""

from __future__ import annotations

from typing import Any

import torch
from attrs import frozen
from torch import Tensor, nn

from zoo_core.components.component import Component
from zoo_core.components.contracts import Activation, Loss
from zoo_core.components.kinds import summary_line
from zoo_core.errors import NumericalError
from zoo_core.plugins.attribution import checked_build, contract_error
from zoo_core.plugins.registry import Registry
from zoo_core.seeds import seeded

NUM_POINTS = 401  # odd, so that 0 is one of them
MAX_SCORE = 5.0  # scores are from -MAX_SCORE to MAX_SCORE
MIN_PROBABILITY = 0.005  # probabilities are from it to 1 - it: at 0 and 1 a logarithm is infinite
NUM_CLASSES = 3  # of a loss with an output for each class
SEED = 1337

Floats = tuple[float, ...]


@frozen
class ActivationCurve:
    """An activation f and its derivative over scores x. `of` says what is drawn if that is not f(x) itself."""

    name: str
    about: str
    of: str
    x: Floats
    y: Floats
    slope: Floats


@frozen
class LossCurve:
    """A loss over the score x of one class, with a line for each target: `targets[i]` has `values[i]`."""

    name: str
    about: str
    axis: str
    of: str
    x: Floats
    targets: tuple[str, ...]
    values: tuple[Floats, ...]


def activation_curve(registry: Registry, activation: Activation, name: str = "") -> ActivationCurve:
    """f(x) and f'(x) for x from -5 to 5, the derivative by autograd, with the initial parameters.

    For a rowwise activation, it is the first output for the row (x, 0), and its derivative with respect to x.

    Raises PluginError for an activation that breaks its contract, NumericalError for a value that is not finite.
    """
    name = name or activation.name
    x = _linspace(-MAX_SCORE, MAX_SCORE).requires_grad_()
    rows = x.unsqueeze(1)  # (points, 1)
    if activation.acts == "rowwise":
        rows = torch.cat([rows, torch.zeros_like(rows)], dim=1)  # (points, 2)
    outputs = _build_module(registry, activation)(rows)
    if not isinstance(outputs, Tensor) or outputs.shape != rows.shape:
        message = f"its module did not keep the shape {tuple(rows.shape)} of the scores"
        raise contract_error(registry, activation, message)
    y = outputs[:, 0]
    slope = torch.autograd.grad(y.sum(), x)[0] if y.requires_grad else torch.zeros_like(x)
    of = "first output for the row (x, 0)" if activation.acts == "rowwise" else ""
    points = (_finite_floats(values, name) for values in (x, y, slope))
    return ActivationCurve(name, summary_line(type(activation)), of, *points)


def loss_curve(registry: Registry, loss: Loss, name: str = "") -> LossCurve:
    """The loss of a single row over the score of one class, or over its probability if the loss expects those.

    With one output for two classes: the score of the second class, and a line for either target. With an output for
    each class: the score of one class, the other scores being 0 (probabilities: equal shares of the rest), and a line
    for that class and for another one as the target. Of a loss for multi-label targets alone: the score of one label.

    Raises PluginError for a loss that breaks its contract, NumericalError for a value that is not finite.
    """
    name = name or loss.name
    is_probability = loss.expects in ("probabilities", "distribution")
    x = _linspace(MIN_PROBABILITY, 1 - MIN_PROBABILITY) if is_probability else _linspace(-MAX_SCORE, MAX_SCORE)
    quantity = "probability p" if is_probability else "score x"
    num_classes, target_type = 2, loss.targets[0]
    if target_type == "multi-label":
        rows, axis, of = x.unsqueeze(1), f"{quantity} of a label", ""
        targets: dict[str, int | list[float]] = {"target: without the label": [0.0], "target: with the label": [1.0]}
    elif loss.outputs(2) == 1:
        rows, axis, of = x.unsqueeze(1), f"{quantity} of class 1", ""
        targets = {"target: class 0": 0, "target: class 1": 1}
    else:
        num_classes = 2 if loss.labels == "binary" else NUM_CLASSES
        rest = ((1 - x) / (num_classes - 1) if is_probability else torch.zeros_like(x)).unsqueeze(1)
        others = loss.outputs(num_classes) - 2
        rows = torch.cat([rest, x.unsqueeze(1), rest.expand(-1, others)], dim=1)  # (points, outputs)
        axis = f"{quantity} of one {'output' if others != num_classes - 2 else 'class'}"
        of = f"{num_classes} classes, " + (
            "the others share the rest" if is_probability else "the others' scores are 0"
        )
        targets = {"target: another class": 0, "target: this class": 1}
    equal_counts = torch.ones(num_classes, dtype=torch.int64)
    offered = {"class_weights": None, "class_counts": equal_counts, "targets": target_type}
    module = _build_module(registry, loss, **offered)
    values = tuple(
        _finite_floats(_row_losses(registry, loss, module, rows, target), name) for target in targets.values()
    )
    return LossCurve(name, summary_line(type(loss)), axis, of, _finite_floats(x, name), tuple(targets), values)


def _row_losses(registry: Registry, loss: Loss, module: nn.Module, rows: Tensor, target: int | list[float]) -> Tensor:
    """The loss of each row as a batch of one."""
    targets = torch.tensor([target])
    losses = []
    with torch.no_grad():
        for row in rows.split(1):
            value = module(row, targets)
            if not isinstance(value, Tensor) or value.numel() != 1:
                raise contract_error(registry, loss, "its loss is not a scalar")
            losses.append(value.reshape(()))
    return torch.stack(losses)


def _build_module(registry: Registry, component: Component, **arguments: Any) -> nn.Module:
    """The module of a component in float64 and evaluation mode, always with the same initial parameters."""
    with seeded(SEED, "curve", component.name):
        module = checked_build(registry, component, **arguments)
    if not isinstance(module, nn.Module):
        raise contract_error(registry, component, f"build() gave {type(module).__name__}, not a torch module")
    return module.double().eval()


def _linspace(first: float, last: float) -> Tensor:
    return first + (last - first) * torch.arange(NUM_POINTS, dtype=torch.float64) / (NUM_POINTS - 1)


def _finite_floats(values: Tensor, name: str) -> Floats:
    if not torch.isfinite(values).all():
        raise NumericalError(f'"{name}" is not finite everywhere on its curve')
    return tuple(values.detach().double().tolist())
