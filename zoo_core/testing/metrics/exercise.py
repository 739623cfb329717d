"""What metrics do with the inputs of their kind."""

from __future__ import annotations

from typing import cast

from zoo_core.components.contracts import Metric
from zoo_core.testing.cases import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.metrics.inputs import METRIC_INPUTS, compute
from zoo_core.testing.metrics.label_sets import LABEL_INPUTS, compute_labels


@register_exercise("metric")
def exercise_metric(subject: Subject) -> dict[str, float]:
    """Return the value for each input."""
    targets = cast(Metric, subject.component).targets
    labels = {name: compute_labels(subject, given) for name, given in LABEL_INPUTS} if "multi-label" in targets else {}
    if "single-label" not in targets:
        return labels
    return labels | {description: compute(subject, predictions) for description, predictions in METRIC_INPUTS}
