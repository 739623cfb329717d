"""What losses do with the inputs of their kind."""

from __future__ import annotations

from torch import Tensor

from zoo_core.testing.cases import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.losses.behavior import build_loss, make_loss_inputs


@register_exercise("loss")
def exercise_loss(subject: Subject) -> list[Tensor]:
    """Return the loss of scores, and the gradient."""
    scores, targets = make_loss_inputs(subject)
    scores = scores.detach().requires_grad_()
    loss = build_loss(subject)(scores, targets)
    loss.backward()
    return [loss.detach(), scores.grad if scores.grad is not None else scores]
