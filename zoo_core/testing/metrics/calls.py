"""Checks of the accumulators of metrics: batches, order, calls after `compute`, and other accumulators."""

from __future__ import annotations

import contextlib
import math
from typing import cast

import torch

from zoo_core.components.contracts import Metric
from zoo_core.testing.assertions import assert_close
from zoo_core.testing.cases import Subject, register_check
from zoo_core.testing.metrics.inputs import (
    METRIC_INPUTS,
    add_rows,
    build_accumulator,
    compute,
    make_certain,
    make_head,
    make_predictions,
    make_ranked,
    make_tied,
)

REPEATS = 512


@register_check("metric", "a metric of a split must not depend on batches or on the order of rows")
def independent_of_batches_and_order(subject: Subject) -> None:
    for rows, classes, batch_rows in ((60, 2, 1), (60, 3, 7), (512, 6, 7), (512, 2, 256)):
        predictions = make_predictions(rows, classes)
        value, size = compute(subject, predictions), f"{rows} rows of {classes} classes"
        assert math.isfinite(value), f"the value is {value} for {size}"
        in_batches = compute(subject, predictions, batch_rows=batch_rows)
        what = f"{size} in batches of {batch_rows} have another value than in one"
        assert_close(in_batches, value, what, rtol=1e-6)
        reversed_rows = torch.arange(rows - 1, -1, -1)
        what = f"{size} in another order have another value"
        assert_close(compute(subject, predictions.take(reversed_rows)), value, what, rtol=1e-6)
    for classes in (2, 3):
        predictions = make_tied(make_predictions(60, classes))
        turned = compute(subject, predictions.take(torch.arange(59, -1, -1)))
        what = f"60 rows of {classes} classes, many with the same probabilities, have another value in another order"
        assert_close(turned, compute(subject, predictions), what, rtol=1e-6)
    _check_repeats(subject)


def _check_repeats(subject: Subject) -> None:
    """Check that repeated rows have the value of the rows, or are counted: not so in float32, or of some rows."""
    row = make_ranked(torch.tensor([1]), 2, is_correct=True)
    for predictions, repeats, batch_rows in ((row, REPEATS, 1), (make_predictions(60, 3), 9, 0)):
        value, repeated = (
            compute(subject, predictions),
            compute(subject, predictions.repeat(repeats), batch_rows=batch_rows),
        )
        if not math.isclose(repeated, repeats * value, rel_tol=1e-7):
            what = f"{predictions.rows} row{'s' * (predictions.rows > 1)} {repeats} times have another value than once"
            assert_close(repeated, value, what, rtol=1e-7)


@register_check("metric", "computing a metric must change neither its value nor its inputs")
def compute_has_no_side_effects(subject: Subject) -> None:
    is_labels = cast(Metric, subject.component).response == "labels"
    for description, predictions in METRIC_INPUTS:
        predicted = predictions.probabilities.argmax(dim=1) if is_labels else predictions.probabilities
        targets, before = predictions.targets, (predicted.clone(), predictions.targets.clone())
        accumulator = build_accumulator(subject, make_head(predictions.classes))
        accumulator.update(predicted, targets)
        first, second = accumulator.compute(), accumulator.compute()
        assert first == second, f"compute() gives {first:g}, and when it is called again {second:g}, for {description}"
        for name, tensor, original in zip(("predicted", "targets"), (predicted, targets), before, strict=True):
            assert torch.equal(tensor, original), f"update() modifies `{name}` in place, for {description}"


@register_check("metric", "the value may be asked for at any time, as for a progress report")
def goes_on_after_compute(subject: Subject) -> None:
    for rows, classes in ((60, 2), (512, 6)):
        predictions = make_predictions(rows, classes)
        accumulator = build_accumulator(subject, make_head(classes))
        with contextlib.suppress(Exception):  # a metric need not have a value of no rows
            accumulator.compute()
        half = rows // 2
        for part in (slice(0, half), slice(half, rows)):
            add_rows(subject, accumulator, predictions.take(part), batch_rows=7)
            expected = compute(subject, predictions.take(slice(0, part.stop)))
            for calls in ("update, compute, update, the value", "update, compute, compute, the second value"):
                what = f"after {calls} of {part.stop} rows is not that of these rows"
                assert_close(accumulator.compute(), expected, what, rtol=1e-6)


@register_check("metric", "splits are evaluated one after the other")
def accumulators_are_independent(subject: Subject) -> None:
    predictions, certain = make_predictions(60, 3), make_certain(3, shift=1)
    expected = compute(subject, predictions)
    accumulator = build_accumulator(subject, make_head(3))
    add_rows(subject, accumulator, predictions.take(slice(0, 30)))
    for other in (certain, make_certain(6), make_certain(2)):
        add_rows(subject, build_accumulator(subject, make_head(other.classes)), other)
    add_rows(subject, accumulator, predictions.take(slice(30, 60)))
    what = "rows that were added to another accumulator change the value of this one"
    assert_close(accumulator.compute(), expected, what, rtol=1e-6)
    first_alone = compute(subject, certain)
    add_rows(subject, build_accumulator(subject, make_head(3)), predictions)
    assert_close(compute(subject, certain), first_alone, what, rtol=1e-6)
