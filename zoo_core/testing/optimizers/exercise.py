"""What optimizers do with the inputs of their kind."""

from __future__ import annotations

from zoo_core.testing.cases import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.optimizers.behavior import minimize_steps

STEPS = 2


@register_exercise("optimizer")
def exercise_optimizer(subject: Subject) -> list[float]:
    """Return the values of a function that the optimizer minimizes."""
    return minimize_steps(subject, STEPS)
