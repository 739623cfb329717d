"""Checks of the state of calibrators, which a run folder stores."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, cast

from zoo_core.components.contracts import Calibrator
from zoo_core.testing.assertions import assert_close
from zoo_core.testing.calibrators.inputs import VALIDATION_ROWS, other_rows, rows_for
from zoo_core.testing.checks import Subject, register_check, skip

Plain = dict[str, Any]


@register_check("calibrator", "a run must predict the same when it is opened again")
def state_restores(subject: Subject) -> None:
    calibrator = cast(Calibrator, subject.component)
    for description, (log_probabilities, targets) in rows_for(calibrator):
        fitted = calibrator.fit(log_probabilities, targets)
        state = dict(fitted.state())
        try:
            written = json.loads(json.dumps(state, allow_nan=False))
        except (TypeError, ValueError) as error:
            raise AssertionError(f"its state cannot be written as JSON: {error}") from error
        rows = other_rows(log_probabilities.shape[1])
        what = f"fitted on {description}, the restored calibration gives other probabilities"
        assert_close(calibrator.restore(written).probabilities(rows), fitted.probabilities(rows), what)


@register_check("calibrator", "anyone may have changed the files of a run")
def invalid_state_is_rejected(subject: Subject) -> None:
    calibrator = cast(Calibrator, subject.component)
    log_probabilities, targets = VALIDATION_ROWS.makers["400 rows of two classes"]()
    state = json.loads(json.dumps(dict(calibrator.fit(log_probabilities, targets).state())))
    if not state:
        skip("it has no state")
    for description, changed in _changed(state):
        try:
            calibrator.restore(changed)
        except ValueError:
            continue
        except Exception as error:
            what = f"raises {type(error).__name__}, expected ValueError"
            raise AssertionError(f"restore of a state {description} {what}") from error
        raise AssertionError(f"restore accepts a state {description}")


def _changed(state: Plain) -> Iterator[tuple[str, Plain]]:
    """States that no calibrator can have, each with what was changed."""
    yield "without values", {}
    wrong: object
    for key, value in state.items():
        yield f"without {key}", {name: other for name, other in state.items() if name != key}
        for wrong in ("text", None, [], {}, math.nan, math.inf):
            yield f"with {key} = {wrong!r}", {**state, key: wrong}
        if isinstance(value, list):
            yield f"with one number fewer in {key}", {**state, key: value[:-1]}
            for wrong in ("text", None, math.nan, math.inf):
                yield f"with {wrong!r} in {key}", {**state, key: [wrong, *value[1:]]}
