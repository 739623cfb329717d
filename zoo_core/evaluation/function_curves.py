"""The curves of activations and losses, as points: what `zoo plot` draws, and anyone else may."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any

import torch
from attrs import frozen
from torch import Tensor, nn

from zoo_core.components.component import Component
from zoo_core.components.contracts import Activation, Loss
from zoo_core.errors import NumericalError
from zoo_core.plugins.attribution import checked_build, contract_error
from zoo_core.plugins.registry import Registry
from zoo_core.seeds import seeded

NUM_POINTS = 401  # an odd number, so that 0 is one of them
MAX_SCORE = 5.0  # scores from -REACH to REACH
MIN_PROBABILITY = 0.005  # probabilities from EDGE to 1 - EDGE: at 0 and 1 a logarithm is infinite
NUM_CLASSES = 3  # of a loss that has an output for each class
SEED = 1337

Floats = tuple[float, ...]


@frozen
class ActivationCurve:
    """An activation f and its derivative over scores x. `of` says what is drawn, where that is not f(x) itself."""

    name: str
    about: str
    of: str
    x: Floats
    y: Floats
    slope: Floats


@frozen
class LossCurve:
    """A loss over one class's score x, a line of values for each target: `targets[i]` has `values[i]`."""

    name: str
    about: str
    axis: str
    of: str
    x: Floats
    targets: tuple[str, ...]
    values: tuple[Floats, ...]


def activation_curve(registry: Registry, activation: Activation, name: str = "") -> ActivationCurve:
    """f(x) and f'(x), which autograd works out, for x from -5 to 5; parameters are as they are at the start.

    A rowwise activation is drawn as the first output for the row (x, 0), and its derivative by x.
    PluginError for an activation that breaks its contract, NumericalError for a value that is not finite.
    """
    name = name or activation.name
    x = _linspace(-MAX_SCORE, MAX_SCORE).requires_grad_()
    row = x.unsqueeze(1)  # (points, 1)
    if activation.acts == "rowwise":
        row = torch.cat([row, torch.zeros_like(row)], dim=1)  # (points, 2)
    out = _build_module(registry, activation)(row)
    if not isinstance(out, Tensor) or out.shape != row.shape:
        raise contract_error(registry, activation, f"it did not keep the shape {tuple(row.shape)} of the scores")
    y = out[:, 0]
    slope = torch.zeros_like(x)
    if y.requires_grad:
        slope = torch.autograd.grad(y.sum(), x)[0]
    of = "first output for the row (x, 0)" if activation.acts == "rowwise" else ""
    return ActivationCurve(
        name, _summary(activation), of, _finite_floats(x, name), _finite_floats(y, name), _finite_floats(slope, name)
    )


def loss_curve(registry: Registry, loss: Loss, name: str = "") -> LossCurve:
    """The loss of a single row against one class's score, or its probability where the loss wants that.

    With one output for two classes: the second class's, for each of the two targets. With an output for each class:
    one class's, the other scores being 0 (probabilities: equal shares of the rest), for that class as the target and
    for another.
    """
    name = name or loss.name
    chances = loss.expects in ("probabilities", "distribution")
    x = _linspace(MIN_PROBABILITY, 1 - MIN_PROBABILITY) if chances else _linspace(-MAX_SCORE, MAX_SCORE)
    classes = 2 if loss.labels == "binary" else NUM_CLASSES
    quantity = "probability p" if chances else "score x"
    if loss.outputs(2) == 1:
        rows, axis, of = x.unsqueeze(1), f"{quantity} of class 1", ""
        wanted = {"target: class 0": 0, "target: class 1": 1}
    else:
        rest = ((1 - x) / (classes - 1) if chances else torch.zeros_like(x)).unsqueeze(1)
        rows = torch.cat([rest, x.unsqueeze(1), rest.expand(-1, classes - 2)], dim=1)  # (points, classes)
        axis = f"{quantity} of one class"
        of = f"{classes} classes, " + ("the others share the rest" if chances else "the others' scores are 0")
        wanted = {"target: another class": 0, "target: this class": 1}
    module = _build_module(registry, loss, class_weights=None)
    values = [_finite_floats(_row_losses(registry, loss, module, rows, target), name) for target in wanted.values()]
    return LossCurve(name, _summary(loss), axis, of, _finite_floats(x, name), tuple(wanted), tuple(values))


def _row_losses(registry: Registry, loss: Loss, module: nn.Module, rows: Tensor, target: int) -> Tensor:
    """The loss of each row alone, as a batch of one."""
    wanted = torch.tensor([target])
    found = []
    with torch.no_grad():
        for row in rows.split(1):
            value = module(row, wanted)
            if not isinstance(value, Tensor) or value.numel() != 1:
                raise contract_error(registry, loss, "its loss is no scalar")
            found.append(value.reshape(()))
    return torch.stack(found)


def _build_module(registry: Registry, component: Component, **given: Any) -> nn.Module:
    """What a part builds, in float64 and evaluation mode, the same every time."""
    with seeded(SEED, "curve", component.name):
        module = checked_build(registry, component, **given)
    if not isinstance(module, nn.Module):
        raise contract_error(registry, component, f"build() gave {type(module).__name__}, not a torch module")
    return module.double().eval()


def _summary(part: Component) -> str:
    return cleandoc(type(part).__doc__ or "").partition("\n")[0]


def _linspace(first: float, last: float) -> Tensor:
    return first + (last - first) * torch.arange(NUM_POINTS, dtype=torch.float64) / (NUM_POINTS - 1)


def _finite_floats(values: Tensor, name: str) -> Floats:
    if not torch.isfinite(values).all():
        raise NumericalError(f'"{name}" is not finite everywhere it is drawn')
    return tuple(values.detach().double().tolist())
