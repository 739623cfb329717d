"""What optimizers do with the inputs of their kind."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.utils import skip_init

from zoo_core.components.building.call import call_build, trainable_parameters
from zoo_core.components.contracts import Optimizer
from zoo_core.testing.cases import Subject
from zoo_core.testing.exercises import register_exercise

STEPS = 2


@register_exercise("optimizer")
def exercise_optimizer(subject: Subject) -> list[float]:
    """Return the loss of each step and the parameters of two layers, whose names an optimizer may use."""
    network = nn.Sequential()
    network.add_module("hidden", skip_init(nn.Linear, 3, 2))
    network.add_module("output", skip_init(nn.Linear, 2, 1))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.linspace(-1.0, 0.7, parameter.numel()).view_as(parameter))
    optimizer = cast(torch.optim.Optimizer, call_build(subject.component, **trainable_parameters(network)))
    inputs = torch.tensor([[1.0, -2.0, 0.5], [0.25, 0.5, -1.0]])
    losses: list[float] = []

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss: Tensor = (torch.tanh(network(inputs)) - 0.5).square().mean()
        loss.backward()
        losses.append(float(loss.detach()))
        return loss

    for _ in range(STEPS):
        if cast(Optimizer, subject.component).needs_closure:
            optimizer.step(closure)  # type: ignore[arg-type]
        else:
            closure()
            optimizer.step()
    return [*losses, *(value for parameter in network.parameters() for value in parameter.flatten().tolist())]
