"""What activations do with the inputs of their kind."""

from __future__ import annotations

from torch import Tensor

from zoo_core.testing.activations.behavior import build_activation
from zoo_core.testing.cases import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.inputs import make_scores


@register_exercise("activation")
def exercise_activation(subject: Subject) -> list[Tensor]:
    """Return the outputs for scores, and the gradient."""
    scores = make_scores().requires_grad_()
    outputs = build_activation(subject)(scores)
    outputs.sum().backward()
    return [outputs.detach(), scores.grad if scores.grad is not None else scores]
