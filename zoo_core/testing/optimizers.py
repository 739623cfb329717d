"""What optimizers promise."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, cast

import safetensors.torch
import torch
from torch import Tensor, nn

from zoo_core.components.contracts import Optimizer
from zoo_core.testing.cases import Subject, register_check
from zoo_core.training.checkpoint import decode_state, encode_state

STEPS = 300


def _descend(subject: Subject) -> list[float]:
    """The values of a quadratic as the optimizer goes down it."""
    point = nn.Parameter(torch.tensor([1.0, -2.0, 0.5]))
    optimizer = cast(Optimizer, subject.part).build([point])
    values = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = (point.square() * torch.tensor([1.0, 0.5, 2.0])).sum()
        loss.backward()
        optimizer.step()
        values.append(float(loss.detach()))
    return values


@register_check("optimizer", "an optimizer that does not go down a bowl goes nowhere")
def lowers_a_quadratic(subject: Subject) -> None:
    values = _descend(subject)
    assert all(math.isfinite(value) for value in values), "the loss is not finite"
    assert values[-1] < 0.95 * values[0], f"from {values[0]:g} to {values[-1]:g} in {STEPS} steps"


@register_check("optimizer", "the same seed gives the same numbers")
def deterministic(subject: Subject) -> None:
    assert _descend(subject) == _descend(subject)


@register_check("optimizer", "a model with sparse gradients believes the claim")
def takes_sparse_gradients_if_it_says_so(subject: Subject) -> None:
    embedding = nn.Embedding(4, 2, sparse=True)
    optimizer = cast(Optimizer, subject.part).build(embedding.parameters())
    embedding(torch.tensor([1, 2])).sum().backward()
    taken = True
    try:
        optimizer.step()
    except Exception:  # packages have errors of their own for it
        taken = False
    assert taken == cast(Optimizer, subject.part).supports_sparse_gradients


def kept(state: Mapping[str, Any]) -> Any:
    """A state as a run's checkpoint keeps it, and gives it back."""
    tensors: dict[str, Tensor] = {}
    plain = json.loads(json.dumps(encode_state(state, tensors)))
    return decode_state(plain, safetensors.torch.load(safetensors.torch.save(tensors)))


def step(optimizer: torch.optim.Optimizer, *points: nn.Parameter) -> None:
    """One step down the squares of these."""
    optimizer.zero_grad()
    sum(point.square().sum() for point in points).backward()  # type: ignore[union-attr]
    optimizer.step()


@register_check("optimizer", "a run that was stopped goes on from its file as if it had not been")
def state_saved_and_loaded(subject: Subject) -> None:
    part, points = cast(Optimizer, subject.part), [nn.Parameter(torch.tensor([1.0, -2.0])) for _ in range(2)]
    first = part.build([points[0]])
    for _ in range(3):
        step(first, points[0])
    second = part.build([points[1]])
    with torch.no_grad():
        points[1].copy_(points[0])
    second.load_state_dict(kept(first.state_dict()))
    for _ in range(3):
        step(first, points[0])
        step(second, points[1])
    torch.testing.assert_close(points[0], points[1])


@register_check("optimizer", "a parameter left out is never learned; they come as an iterator, which is used up once")
def moves_every_parameter(subject: Subject) -> None:
    points = [nn.Parameter(torch.ones(shape)) for shape in ((), (3,), (2, 3))]
    optimizer = cast(Optimizer, subject.part).build(iter(points))
    for _ in range(3):
        step(optimizer, *points)
    for point in points:
        assert (point != 1).all(), f"a parameter of shape {tuple(point.shape)} stays where it was"


@register_check("optimizer", "a part of a model that is not asked has no gradient")
def leaves_alone_what_has_no_gradient(subject: Subject) -> None:
    used, idle = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
    optimizer = cast(Optimizer, subject.part).build([idle, used])
    step(optimizer, used)
    assert torch.equal(idle, torch.ones(2)), "a parameter without a gradient was moved"
    assert not torch.equal(used, torch.ones(2)), "and one with a gradient was not"


@register_check("optimizer", "gradients of batch after batch must not add up")
def clears_gradients(subject: Subject) -> None:
    point = nn.Parameter(torch.ones(2))
    optimizer = cast(Optimizer, subject.part).build([point])
    step(optimizer, point)
    optimizer.zero_grad()
    assert point.grad is None or not point.grad.any(), "zero_grad() leaves the gradient"


@register_check("optimizer", "a scheduler sets the learning rate, in `param_groups`")
def obeys_the_learning_rate(subject: Subject) -> None:
    point = nn.Parameter(torch.ones(2))
    optimizer = cast(Optimizer, subject.part).build([point])
    step(optimizer, point)
    before = point.detach().clone()
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    step(optimizer, point)
    assert torch.equal(point, before), "it moves at a learning rate of 0"
