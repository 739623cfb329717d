"""What metrics do with the inputs of their kind."""

from __future__ import annotations

from zoo_core.testing.cases import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.metrics.inputs import METRIC_INPUTS, compute


@register_exercise("metric")
def exercise_metric(subject: Subject) -> dict[str, float]:
    """Return the value for each input."""
    return {description: compute(subject, predictions) for description, predictions in METRIC_INPUTS}
