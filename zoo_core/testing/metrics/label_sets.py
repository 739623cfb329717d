"""Checks of metrics with multi-label targets: finite, in range, in the declared direction, independent of batches."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from typing import cast

import torch
from attrs import frozen
from torch import Tensor

from zoo_core.components.contracts import Metric
from zoo_core.components.head import Head
from zoo_core.components.protocols import MetricAccumulator
from zoo_core.seeds import make_generator
from zoo_core.testing.assertions import assert_close
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.input_sets import InputSet
from zoo_core.testing.metrics.inputs import build_accumulator

ROUNDING = 1e-9


@frozen(eq=False)
class LabelPredictions:
    """Probabilities float64, and the true labels bool, both `(rows, classes)`."""

    probabilities: Tensor
    targets: Tensor

    def take(self, rows: Tensor | slice) -> LabelPredictions:
        """Some of the rows."""
        return LabelPredictions(self.probabilities[rows], self.targets[rows])


def make_label_predictions(rows: int, classes: int, *, share: float = 0.3) -> LabelPredictions:
    """Return random predictions that are right for most pairs of a row and a label."""
    generator = make_generator(7, "label sets", rows, classes)
    targets = torch.rand(rows, classes, generator=generator) < share
    noise = torch.rand(rows, classes, generator=generator, dtype=torch.float64)
    return LabelPredictions((noise + 0.6 * targets) / 1.6, targets)


def _certain(*, right: bool) -> Callable[[], LabelPredictions]:
    def make() -> LabelPredictions:
        targets = make_label_predictions(12, 8).targets
        return LabelPredictions((targets if right else ~targets).double(), targets)

    return make


def _tied() -> LabelPredictions:
    given = make_label_predictions(40, 5)
    return LabelPredictions((given.probabilities * 4).round() / 4, given.targets)


LABEL_INPUTS = InputSet(
    "metric",
    1,
    {
        "60 rows of 3 labels": lambda: make_label_predictions(60, 3),
        "512 rows of 6 labels": lambda: make_label_predictions(512, 6),
        "12 rows of 300 labels": lambda: make_label_predictions(12, 300, share=0.01),
        "1 row of 2 labels": lambda: make_label_predictions(1, 2),
        "12 rows of 3 labels, none of which a row has": lambda: make_label_predictions(12, 3, share=0.0),
        "12 rows of 3 labels, all of which each row has": lambda: make_label_predictions(12, 3, share=1.1),
        "12 rows with probabilities 0 and 1, all right": _certain(right=True),
        "12 rows with probabilities 0 and 1, all wrong": _certain(right=False),
        "40 rows of 5 labels with many equal probabilities": _tied,
    },
)


def make_label_head(classes: int) -> Head:
    """Return the head of this many labels."""
    return Head(tuple(f"label {number}" for number in range(classes)), classes, "sigmoid", "multi-label")


def add_labels(subject: Subject, accumulator: MetricAccumulator, given: LabelPredictions, batch_rows: int = 0) -> None:
    """Add rows to an accumulator, in batches; 0 is one batch of all rows."""
    is_labels = cast(Metric, subject.component).response == "labels"
    predicted = given.probabilities >= 0.5 if is_labels else given.probabilities.clone()
    rows = batch_rows or len(given.targets)
    for some, targets in zip(predicted.split(rows), given.targets.clone().split(rows), strict=True):
        accumulator.update(some, targets)


def compute_labels(subject: Subject, given: LabelPredictions, batch_rows: int = 0) -> float:
    """Compute the metric of predictions."""
    accumulator = build_accumulator(subject, make_label_head(given.targets.shape[1]))
    add_labels(subject, accumulator, given, batch_rows)
    return accumulator.compute()


@register_check("metric", "a text may have all labels or none, and a label may never occur")
def labels_finite_and_in_range(subject: Subject) -> None:
    lowest, highest = cast(Metric, subject.component).range
    for description, given in LABEL_INPUTS:
        value = compute_labels(subject, given)
        assert isinstance(value, float), f"compute() gives {value!r} for {description}, not a float"
        assert math.isfinite(value), f"the value is {value} for {description}"
        is_in_range = lowest - ROUNDING <= value <= highest + ROUNDING
        assert is_in_range, f"{value:g} is not between {lowest:g} and {highest:g}, for {description}"


@register_check("metric", "early stopping follows the declared direction")
def labels_right_is_better_than_wrong(subject: Subject) -> None:
    sign = 1 if cast(Metric, subject.component).higher_is_better else -1
    right, wrong = (compute_labels(subject, _certain(right=is_right)()) for is_right in (True, False))
    assert sign * right > sign * wrong, (
        f"the value is {right:g} for correct labels and {wrong:g} for wrong ones, "
        f"while {'higher' if sign > 0 else 'lower'} is declared to be better"
    )


@register_check("metric", "a metric of a split must not depend on batches or on the order of rows")
def labels_independent_of_batches_and_order(subject: Subject) -> None:
    for description, given in LABEL_INPUTS:
        value = compute_labels(subject, given)
        what = f"{description} in batches of 7 have another value than in one"
        assert_close(compute_labels(subject, given, batch_rows=7), value, what, rtol=1e-6)
        turned = given.take(torch.arange(len(given.targets) - 1, -1, -1))
        what = f"{description} in another order have another value"
        assert_close(compute_labels(subject, turned), value, what, rtol=1e-6)


@register_check("metric", "computing a metric must change neither its value nor its inputs")
def labels_compute_has_no_side_effects(subject: Subject) -> None:
    given = make_label_predictions(60, 3)
    accumulator = build_accumulator(subject, make_label_head(3))
    is_labels = cast(Metric, subject.component).response == "labels"
    predicted = given.probabilities >= 0.5 if is_labels else given.probabilities.clone()
    targets, before = given.targets.clone(), predicted.clone()
    with contextlib.suppress(Exception):  # a metric need not have a value of no rows
        accumulator.compute()
    accumulator.update(predicted, targets)
    first, second = accumulator.compute(), accumulator.compute()
    assert first == second, f"compute() gives {first:g}, and when it is called again {second:g}"
    is_same = torch.equal(predicted, before) and torch.equal(targets, given.targets)
    assert is_same, "update() modifies its inputs in place"


@register_check("metric", "comparisons test the rows of a metric that declares to be the accuracy")
def labels_is_accuracy_as_declared(subject: Subject) -> None:
    if not cast(Metric, subject.component).is_accuracy:
        skip("it does not declare that it is the accuracy")
    for description, given in LABEL_INPUTS:
        expected = float(((given.probabilities >= 0.5) == given.targets).all(dim=1).double().mean())
        value = compute_labels(subject, given)
        assert math.isclose(value, expected), f"got {value:g}, expected {expected:g}, for {description}"
