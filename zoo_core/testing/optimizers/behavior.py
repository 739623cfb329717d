"""Checks of optimizers."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, cast

import safetensors.torch
import torch
from torch import Tensor, nn

from zoo_core.components.building.call import call_build, optimizer_arguments
from zoo_core.components.contracts import Optimizer
from zoo_core.testing.assertions import assert_close, assert_equal
from zoo_core.testing.cases import Subject, register_check
from zoo_core.training.state_encoding import decode_state, encode_state

QUADRATIC_STEPS = 300
MAX_REMAINING_LOSS = 0.95  # of the initial loss


def build_optimizer(subject: Subject, *parameters: nn.Parameter) -> torch.optim.Optimizer:
    """Build the optimizer of these parameters, which are named by their position."""
    named = ((str(index), parameter) for index, parameter in enumerate(parameters))
    return cast(torch.optim.Optimizer, call_build(subject.component, **optimizer_arguments(named)))


def minimize_steps(subject: Subject, steps: int = QUADRATIC_STEPS) -> list[float]:
    """Return the values of a quadratic function while the optimizer minimizes it."""
    point = nn.Parameter(torch.tensor([1.0, -2.0, 0.5]))
    optimizer = build_optimizer(subject, point)
    values = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = (point.square() * torch.tensor([1.0, 0.5, 2.0])).sum()
        loss.backward()
        optimizer.step()
        values.append(float(loss.detach()))
    return values


@register_check("optimizer", "an optimizer must minimize a quadratic function")
def minimizes_quadratic(subject: Subject) -> None:
    values = minimize_steps(subject)
    assert all(math.isfinite(value) for value in values), "the loss is not finite"
    is_lower = values[-1] < MAX_REMAINING_LOSS * values[0]
    assert is_lower, f"from {values[0]:g} to {values[-1]:g} in {QUADRATIC_STEPS} steps"


@register_check("optimizer", "the same seed must give the same numbers")
def deterministic(subject: Subject) -> None:
    first, second = minimize_steps(subject), minimize_steps(subject)
    assert_equal(second, first, "built again, it takes other steps (results are the losses of successive steps)")


@register_check("optimizer", "a model with sparse gradients relies on this declaration")
def sparse_gradients_as_declared(subject: Subject) -> None:
    embedding = nn.Embedding(4, 2, sparse=True)
    optimizer = build_optimizer(subject, cast(nn.Parameter, embedding.weight))
    embedding(torch.tensor([1, 2])).sum().backward()
    is_supported = True
    try:
        optimizer.step()
    except Exception:  # each package has its own error for it
        is_supported = False
    declared = cast(Optimizer, subject.component).accepts_sparse_gradients()
    outcome = "takes a step" if is_supported else "fails"
    assert is_supported == declared, f"accepts_sparse_gradients() is {declared}, but it {outcome} with a sparse one"


def reload_checkpoint(state: Mapping[str, Any]) -> Any:
    """Return a state as a checkpoint stores and restores it."""
    tensors: dict[str, Tensor] = {}
    plain = json.loads(json.dumps(encode_state(state, tensors)))
    return decode_state(plain, safetensors.torch.load(safetensors.torch.save(tensors)))


def take_step(optimizer: torch.optim.Optimizer, *points: nn.Parameter) -> None:
    """Take one step that minimizes the squares of these parameters."""
    optimizer.zero_grad()
    sum(point.square().sum() for point in points).backward()  # type: ignore[union-attr]
    optimizer.step()


@register_check("optimizer", "an interrupted run must continue from its checkpoint as if it was not interrupted")
def state_round_trip(subject: Subject) -> None:
    points = [nn.Parameter(torch.tensor([1.0, -2.0])) for _ in range(2)]
    first = build_optimizer(subject, points[0])
    for _ in range(3):
        take_step(first, points[0])
    second = build_optimizer(subject, points[1])
    with torch.no_grad():
        points[1].copy_(points[0])
    second.load_state_dict(reload_checkpoint(first.state_dict()))
    for _ in range(3):
        take_step(first, points[0])
        take_step(second, points[1])
    assert_close(points[1], points[0], "continued from a checkpoint, it takes other steps than without an interruption")


@register_check("optimizer", "each parameter must be updated")
def updates_every_parameter(subject: Subject) -> None:
    points = [nn.Parameter(torch.ones(shape)) for shape in ((), (3,), (2, 3))]
    optimizer = build_optimizer(subject, *points)
    for _ in range(3):
        take_step(optimizer, *points)
    for point in points:
        assert (point != 1).all(), f"a parameter of shape {tuple(point.shape)} is not updated"


@register_check("optimizer", "a part of a model that a batch does not use has no gradient")
def skips_parameters_without_gradient(subject: Subject) -> None:
    used, unused = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
    optimizer = build_optimizer(subject, unused, used)
    take_step(optimizer, used)
    assert torch.equal(unused, torch.ones(2)), "a parameter without a gradient is updated"
    assert not torch.equal(used, torch.ones(2)), "a parameter with a gradient is not updated"


@register_check("optimizer", "the gradients of successive batches must not accumulate")
def clears_gradients(subject: Subject) -> None:
    point = nn.Parameter(torch.ones(2))
    optimizer = build_optimizer(subject, point)
    take_step(optimizer, point)
    optimizer.zero_grad()
    assert point.grad is None or not point.grad.any(), "zero_grad() does not clear the gradient"


@register_check("optimizer", "a scheduler sets the learning rate in `param_groups`")
def uses_learning_rate(subject: Subject) -> None:
    point = nn.Parameter(torch.ones(2))
    optimizer = build_optimizer(subject, point)
    take_step(optimizer, point)
    before = point.detach().clone()
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    take_step(optimizer, point)
    assert torch.equal(point, before), "parameters change at a learning rate of 0"
