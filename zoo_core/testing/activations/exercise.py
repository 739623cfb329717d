"""What activations do with the inputs of their kind."""

from __future__ import annotations

import torch
from torch import Tensor

from zoo_core.testing.activations.behavior import build_activation
from zoo_core.testing.activations.inputs import ACTIVATION_INPUTS
from zoo_core.testing.cases import Subject
from zoo_core.testing.exercises import register_exercise


@register_exercise("activation")
def exercise_activation(subject: Subject) -> dict[str, list[Tensor]]:
    """Return the outputs and the gradient for each input, in training mode."""
    module, results = build_activation(subject), {}
    for description, scores in ACTIVATION_INPUTS:
        scores.requires_grad_()
        outputs = module(scores)
        (outputs * torch.linspace(1, 2, outputs.shape[1])).sum().backward()
        results[description] = [outputs.detach(), scores.grad if scores.grad is not None else scores.detach()]
    return results
