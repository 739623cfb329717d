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

POINTS = 401  # an odd number, so that 0 is one of them
REACH = 5.0  # scores from -REACH to REACH
EDGE = 0.005  # probabilities from EDGE to 1 - EDGE: at 0 and 1 a logarithm is infinite
CLASSES = 3  # of a loss that has an output for each class
SEED = 1337

Numbers = tuple[float, ...]


@frozen
class ActivationCurve:
    """An activation f and its derivative over scores x. `of` says what is drawn, where that is not f(x) itself."""

    name: str
    about: str
    of: str
    x: Numbers
    y: Numbers
    slope: Numbers


@frozen
class LossCurve:
    """A loss over one class's score x, a line of values for each target: `targets[i]` has `values[i]`."""

    name: str
    about: str
    axis: str
    of: str
    x: Numbers
    targets: tuple[str, ...]
    values: tuple[Numbers, ...]


def activation_curve(registry: Registry, part: Activation, name: str = "") -> ActivationCurve:
    """f(x) and f'(x), which autograd works out, for x from -5 to 5; parameters are as they are at the start.

    A rowwise activation is drawn as the first output for the row (x, 0), and its derivative by x.
    PluginError for an activation that breaks its contract, NumericalError for a value that is not finite.
    """
    name = name or part.name
    x = _steps(-REACH, REACH).requires_grad_()
    row = x.unsqueeze(1)  # (points, 1)
    if part.acts == "rowwise":
        row = torch.cat([row, torch.zeros_like(row)], dim=1)  # (points, 2)
    out = _module(registry, part)(row)
    if not isinstance(out, Tensor) or out.shape != row.shape:
        raise contract_error(registry, part, f"it did not keep the shape {tuple(row.shape)} of the scores")
    y = out[:, 0]
    slope = torch.zeros_like(x)
    if y.requires_grad:
        slope = torch.autograd.grad(y.sum(), x)[0]
    of = "first output for the row (x, 0)" if part.acts == "rowwise" else ""
    return ActivationCurve(name, _about(part), of, _numbers(x, name), _numbers(y, name), _numbers(slope, name))


def loss_curve(registry: Registry, part: Loss, name: str = "") -> LossCurve:
    """The loss of a single row against one class's score, or its probability where the loss wants that.

    With one output for two classes: the second class's, for each of the two targets. With an output for each class:
    one class's, the other scores being 0 (probabilities: equal shares of the rest), for that class as the target and
    for another.
    """
    name = name or part.name
    chances = part.expects in ("probabilities", "distribution")
    x = _steps(EDGE, 1 - EDGE) if chances else _steps(-REACH, REACH)
    classes = 2 if part.labels == "binary" else CLASSES
    quantity = "probability p" if chances else "score x"
    if part.outputs(2) == 1:
        rows, axis, of = x.unsqueeze(1), f"{quantity} of class 1", ""
        wanted = {"target: class 0": 0, "target: class 1": 1}
    else:
        rest = ((1 - x) / (classes - 1) if chances else torch.zeros_like(x)).unsqueeze(1)
        rows = torch.cat([rest, x.unsqueeze(1), rest.expand(-1, classes - 2)], dim=1)  # (points, classes)
        axis = f"{quantity} of one class"
        of = f"{classes} classes, " + ("the others share the rest" if chances else "the others' scores are 0")
        wanted = {"target: another class": 0, "target: this class": 1}
    module = _module(registry, part, class_weights=None)
    values = [_numbers(_each(registry, part, module, rows, target), name) for target in wanted.values()]
    return LossCurve(name, _about(part), axis, of, _numbers(x, name), tuple(wanted), tuple(values))


def _each(registry: Registry, part: Loss, module: nn.Module, rows: Tensor, target: int) -> Tensor:
    """The loss of each row alone, as a batch of one."""
    wanted = torch.tensor([target])
    found = []
    with torch.no_grad():
        for row in rows.split(1):
            value = module(row, wanted)
            if not isinstance(value, Tensor) or value.numel() != 1:
                raise contract_error(registry, part, "its loss is no scalar")
            found.append(value.reshape(()))
    return torch.stack(found)


def _module(registry: Registry, part: Component, **given: Any) -> nn.Module:
    """What a part builds, in float64 and evaluation mode, the same every time."""
    with seeded(SEED, "curve", part.name):
        module = checked_build(registry, part, **given)
    if not isinstance(module, nn.Module):
        raise contract_error(registry, part, f"build() gave {type(module).__name__}, not a torch module")
    return module.double().eval()


def _about(part: Component) -> str:
    return cleandoc(type(part).__doc__ or "").partition("\n")[0]


def _steps(first: float, last: float) -> Tensor:
    return first + (last - first) * torch.arange(POINTS, dtype=torch.float64) / (POINTS - 1)


def _numbers(values: Tensor, name: str) -> Numbers:
    if not torch.isfinite(values).all():
        raise NumericalError(f'"{name}" is not finite everywhere it is drawn')
    return tuple(values.detach().double().tolist())
