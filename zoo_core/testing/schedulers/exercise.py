"""What schedulers do with the inputs of their kind."""

from __future__ import annotations

from zoo_core.testing.cases import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.schedulers.behavior import ScheduledTraining

EPOCHS, BATCHES = 3, 4
STEPS = 16  # more than announced


@register_exercise("scheduler")
def exercise_scheduler(subject: Subject) -> list[float]:
    """Return the learning rate of each step."""
    return ScheduledTraining(subject, epochs=EPOCHS, batches=BATCHES).run(STEPS)
