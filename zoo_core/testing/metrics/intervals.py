"""Checks of the confidence intervals that accumulators of metrics give themselves."""

from __future__ import annotations

import math
from typing import cast

import torch

from zoo_core.components.contracts import Metric
from zoo_core.components.protocols import EstimatesInterval
from zoo_core.testing.assertions import assert_close
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.metrics.inputs import (
    METRIC_INPUTS,
    Predictions,
    add_rows,
    build_accumulator,
    compute,
    make_head,
    make_predictions,
)

LEVEL, HIGH_LEVEL = 0.5, 0.999
FEW_ROWS, MANY_ROWS = 300, 60_000
ROUNDING = 1e-9


def _filled(subject: Subject, predictions: Predictions, batch_rows: int = 0) -> EstimatesInterval:
    """An accumulator with these rows; skips the check if it has no interval of its own."""
    accumulator = build_accumulator(subject, make_head(predictions.classes))
    if not isinstance(accumulator, EstimatesInterval):
        skip("its interval is the general one")
    add_rows(subject, accumulator, predictions, batch_rows)
    return accumulator


@register_check("metric", "an interval is shown beside the value, and drawn in the range of the metric")
def own_interval_is_in_range(subject: Subject) -> None:
    lowest, highest = cast(Metric, subject.component).range
    for description, predictions in METRIC_INPUTS:
        ends = {level: _filled(subject, predictions).interval(level) for level in (LEVEL, HIGH_LEVEL)}
        for level, found in ends.items():
            if found is None:
                continue
            shown = f"the interval at {level:g} of {description} is {found}"
            is_pair = isinstance(found, tuple) and len(found) == 2 and all(map(math.isfinite, found))
            assert is_pair and found[0] <= found[1], f"{shown}, expected a lower and a higher number, or None"
            is_in_range = lowest - ROUNDING <= found[0] and found[1] <= highest + ROUNDING
            assert is_in_range, f"{shown}, not between {lowest:g} and {highest:g}"
        narrow, wide = ends[LEVEL], ends[HIGH_LEVEL]
        if narrow is not None and wide is not None:
            is_inside = wide[0] <= narrow[0] + ROUNDING and narrow[1] <= wide[1] + ROUNDING
            assert is_inside, (
                f"the interval of {description} is {narrow} at {LEVEL:g}, outside of that at {HIGH_LEVEL:g}: {wide}"
            )


@register_check("metric", "an interval is where the value of all rows like these lies, of which a split has a few")
def own_interval_contains_the_value_of_more_rows(subject: Subject) -> None:
    for classes in (2, 3):
        found = _filled(subject, make_predictions(FEW_ROWS, classes)).interval(HIGH_LEVEL)
        assert found is not None, f"there is no interval for {FEW_ROWS} rows of {classes} classes"
        value = compute(subject, make_predictions(MANY_ROWS, classes))
        shown = f"the interval at {HIGH_LEVEL:g} of {FEW_ROWS} rows of {classes} classes is {found}"
        assert found[0] <= value <= found[1], f"{shown}; {MANY_ROWS:,} rows like these have the value {value:g}"


@register_check("metric", "an interval must neither depend on batches and the order of rows nor change the value")
def own_interval_is_independent_of_batches(subject: Subject) -> None:
    predictions = make_predictions(60, 3)
    turned = predictions.take(torch.arange(59, -1, -1))
    expected = _filled(subject, predictions).interval(LEVEL)
    for where, rows, batch_rows in (("in batches of 7", predictions, 7), ("in another order", turned, 0)):
        accumulator = _filled(subject, rows, batch_rows)
        before = accumulator.compute()
        found = [accumulator.interval(LEVEL) for _ in range(2)]
        for interval in found:
            assert_close(interval, expected, f"60 rows {where} have another interval", rtol=1e-6)
        assert_close(accumulator.compute(), before, f"interval() changes the value of 60 rows {where}")
