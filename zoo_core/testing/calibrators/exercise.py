"""What calibrators do with the inputs of their kind."""

from __future__ import annotations

from typing import cast

from zoo_core.components.contracts import Calibrator
from zoo_core.testing.calibrators.inputs import other_rows, rows_for
from zoo_core.testing.checks import Subject
from zoo_core.testing.exercises import register_exercise


@register_exercise("calibrator")
def exercise_calibrator(subject: Subject) -> list[object]:
    """Return the states of the calibrations, and the probabilities of fitted and of other rows."""
    calibrator = cast(Calibrator, subject.component)
    results: list[object] = []
    for _, (log_probabilities, targets) in rows_for(calibrator):
        fitted = calibrator.fit(log_probabilities, targets)
        others = other_rows(log_probabilities.shape[1])
        results += [dict(fitted.state()), fitted.probabilities(log_probabilities), fitted.probabilities(others)]
    return results
