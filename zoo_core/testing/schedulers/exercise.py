"""What schedulers do with the inputs of their kind."""

from __future__ import annotations

from zoo_core.testing.checks import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.schedulers.training import LENGTHS, METRICS, ScheduledTraining

STEPS = 40
TRIED = ("1 epoch of 1 batch", "5 epochs of 4 batches", "100 epochs of 1 batch", "1 epoch of 100 batches")


@register_exercise("scheduler")
def exercise_scheduler(subject: Subject) -> dict[str, list[list[float]]]:
    """Return the learning rates of each step, for trainings of several lengths and for several metrics."""
    results = {}
    for description in TRIED:
        epochs, batches = LENGTHS.makers[description]()
        training = ScheduledTraining(subject, epochs=epochs, batches=batches, where=f"for {description}")
        results[description] = training.run_groups(min(epochs * batches, STEPS))
    if training.component.needs_metric:
        for description, metrics in METRICS:
            training = ScheduledTraining(subject, epochs=len(metrics), batches=1, metrics=metrics)
            results[description] = training.run_groups(len(metrics))
    return results
