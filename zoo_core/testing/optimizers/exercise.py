"""What optimizers do with the inputs of their kind."""

from __future__ import annotations

from torch import Tensor

from zoo_core.testing.checks import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.optimizers.training import make_points, run, values_of

STEPS = 2
TRIED = ("parameters of many shapes", "parameters that start at 0 and -0")


@register_exercise("optimizer")
def exercise_optimizer(subject: Subject) -> dict[str, dict[str, Tensor]]:
    """Return the parameters of each input after some steps."""
    results = {}
    for description in TRIED:
        points = make_points(description)
        run(subject, points, STEPS, f"for {description}")
        results[description] = values_of(points)
    return results
