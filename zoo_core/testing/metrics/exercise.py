"""What metrics do with the inputs of their kind."""

from __future__ import annotations

from zoo_core.testing.cases import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.metrics.behavior import compute_on_predictions


@register_exercise("metric")
def exercise_metric(subject: Subject) -> float:
    """Return the metric over some predictions."""
    return compute_on_predictions(subject)
