"""What optimizers are tried on: parameters of many shapes, and steps towards the targets of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, cast

import safetensors.torch
import torch
from attrs import evolve
from torch import Tensor, nn

from zoo_core.components.building.call import call_build, optimizer_arguments
from zoo_core.components.contracts import Optimizer
from zoo_core.components.fields import default_value, is_slot
from zoo_core.components.kinds import setting_fields
from zoo_core.config.structure import build_component
from zoo_core.errors import RecipeError
from zoo_core.seeds import make_generator, seeded
from zoo_core.testing.checks import Subject
from zoo_core.testing.failures import while_using
from zoo_core.testing.input_sets import InputSet
from zoo_core.training.state_encoding import decode_state, encode_state

Points = dict[str, nn.Parameter]
SHAPES: dict[str, tuple[int, ...]] = {
    "embedding.weight": (7, 4),
    "hidden.weight": (3, 4),
    "hidden.bias": (3,),
    "other.weight": (3, 4),  # of the shape of another
    "other.bias": (1,),
    "scale": (),
    "output.weight": (2, 3, 4),
    "output.bias": (2,),
}
ROWS = 100  # of the training split
OTHER_VALUE = 0.1  # of a setting that is 0 by default: momentum or weight decay


def _random(size: float, *purpose: str) -> dict[str, Tensor]:
    generator = make_generator(7, "points", *purpose)
    return {name: torch.randn(shape, generator=generator) * size for name, shape in SHAPES.items()}


def _with_zeros() -> dict[str, Tensor]:
    return {
        name: torch.where(value > 0, 0.0, -0.0) if name.startswith(("hidden", "scale")) else value
        for name, value in _random(1, "zeros").items()
    }


PARAMETERS = InputSet(
    "parameters",
    1,
    {
        "parameters of many shapes": lambda: _random(1, "usual"),
        "parameters that start at 0 and -0": _with_zeros,
        "large parameters": lambda: _random(100, "large"),
        "small parameters": lambda: _random(1e-6, "small"),
        "one parameter": lambda: {"weight": torch.tensor([1.0, -2.0, 0.5])},
    },
)


def make_points(
    description: str = "parameters of many shapes", *, names: Sequence[str] = (), dtype: torch.dtype = torch.float32
) -> Points:
    """Return the parameters of an input; with `names` only these, in this order."""
    values = PARAMETERS.makers[description]()
    return {name: nn.Parameter(values[name].to(dtype)) for name in names or values}


def build_optimizer(subject: Subject, points: Points) -> torch.optim.Optimizer:
    """Build the optimizer of these parameters."""
    arguments = optimizer_arguments(points.items(), ROWS)
    return cast(torch.optim.Optimizer, call_build(subject.component, **arguments))


def loss_of(points: Points) -> Tensor:
    """A quadratic function of the parameters, with a minimum and a curvature of its own for each."""
    terms = []
    for name, point in points.items():
        target, curvature = _targets(name, point.shape, point.dtype)
        terms.append(((point - target).square() * curvature).sum())
    return cast(Tensor, sum(terms))


@cache
def _targets(name: str, shape: torch.Size, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    generator = make_generator(7, "targets", name)
    target, curvature = (torch.randn(shape, generator=generator).to(dtype) for _ in range(2))
    return target, 0.5 + curvature.abs()


def needs_closure(subject: Subject) -> bool:
    """Whether `step` needs a function that computes the gradients and returns the loss."""
    return cast(Optimizer, subject.component).needs_closure


def take_step(subject: Subject, optimizer: torch.optim.Optimizer, loss: Callable[[], Tensor], where: str = "") -> float:
    """Take one step, as training does: by `step(closure)` if the optimizer needs one. Returns the loss before it."""
    losses: list[float] = []

    def closure() -> Tensor:
        with torch.enable_grad():
            for group in optimizer.param_groups:
                for parameter in group["params"]:
                    parameter.grad = None
            value = loss()
            value.backward()
        losses.append(float(value.detach()))
        return value

    with seeded(7, "step"), while_using(where):
        if needs_closure(subject):
            optimizer.step(closure)  # type: ignore[arg-type]
            assert losses, "it needs a closure, but step(closure) does not call it"
        else:
            closure()
            optimizer.step()
    return losses[0]


def run(subject: Subject, points: Points, steps: int, where: str = "") -> torch.optim.Optimizer:
    """Build an optimizer of these parameters and take some steps."""
    optimizer = build_optimizer(subject, points)
    for number in range(steps):
        take_step(subject, optimizer, lambda: loss_of(points), f"{where} in step {number + 1}".strip())
    return optimizer


def values_of(points: Mapping[str, nn.Parameter]) -> dict[str, Tensor]:
    """A copy of the parameters."""
    return {name: point.detach().clone() for name, point in points.items()}


def reload_checkpoint(state: Mapping[str, Any]) -> Any:
    """Return a state as a checkpoint stores and restores it."""
    tensors: dict[str, Tensor] = {}
    plain = json.loads(json.dumps(encode_state(state, tensors)))
    return decode_state(plain, safetensors.torch.load(safetensors.torch.save(tensors)))


def variants(subject: Subject) -> Iterator[tuple[str, Subject]]:
    """The component with its defaults, and with each setting that is 0 or False switched on, if it may be."""
    yield "", subject
    for field in setting_fields(subject.entry.cls):
        if is_slot(field) or default_value(field) != 0:
            continue
        value = True if field.type is bool else OTHER_VALUE
        try:
            raw = {"use": subject.entry.qualified_name, field.name: value}
            component = build_component(subject.registry, subject.entry.kind, raw)
        except RecipeError:
            continue
        yield f" with {field.name} = {value}", evolve(subject, component=component)


def draws_random_numbers(subject: Subject) -> bool:
    """Whether its steps depend on torch's generator, as those with noise do."""
    points = make_points("one parameter")
    optimizer = build_optimizer(subject, points)
    with seeded(7, "step"):
        before = torch.get_rng_state()
        loss_of(points).backward()
        optimizer.step(lambda: loss_of(points)) if needs_closure(subject) else optimizer.step()  # type: ignore[arg-type,return-value]
        return not torch.equal(before, torch.get_rng_state())
