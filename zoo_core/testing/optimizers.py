"""What optimizers promise."""

from __future__ import annotations

import copy
import math
from typing import cast

import torch
from torch import nn

from zoo_core.contracts import Optimizer
from zoo_core.testing.cases import Subject, check

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


@check("optimizer", "an optimizer that does not go down a bowl goes nowhere")
def lowers_a_quadratic(subject: Subject) -> None:
    values = _descend(subject)
    assert all(math.isfinite(value) for value in values), "the loss is not finite"
    assert values[-1] < 0.95 * values[0], f"from {values[0]:g} to {values[-1]:g} in {STEPS} steps"


@check("optimizer", "the same seed gives the same numbers")
def deterministic(subject: Subject) -> None:
    assert _descend(subject) == _descend(subject)


@check("optimizer", "a model with sparse gradients believes the claim")
def takes_sparse_gradients_if_it_says_so(subject: Subject) -> None:
    embedding = nn.Embedding(4, 2, sparse=True)
    optimizer = cast(Optimizer, subject.part).build(embedding.parameters())
    embedding(torch.tensor([1, 2])).sum().backward()
    taken = True
    try:
        optimizer.step()
    except Exception:  # packages have errors of their own for it
        taken = False
    assert taken == cast(Optimizer, subject.part).accepts_sparse


@check("optimizer", "a run that was stopped goes on from its file as if it had not been")
def state_saved_and_loaded(subject: Subject) -> None:
    part, points = cast(Optimizer, subject.part), [nn.Parameter(torch.tensor([1.0, -2.0])) for _ in range(2)]
    first = part.build([points[0]])

    def step(optimizer: torch.optim.Optimizer, point: nn.Parameter) -> None:
        optimizer.zero_grad()
        point.square().sum().backward()
        optimizer.step()

    for _ in range(3):
        step(first, points[0])
    second = part.build([points[1]])
    with torch.no_grad():
        points[1].copy_(points[0])
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    for _ in range(3):
        step(first, points[0])
        step(second, points[1])
    torch.testing.assert_close(points[0], points[1])
