"""Checks of metrics."""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor, nn

from zoo_core.components.building.call import call_build
from zoo_core.components.contracts import Metric
from zoo_core.components.head import Head
from zoo_core.components.protocols import MetricAccumulator
from zoo_core.seeds import make_generator
from zoo_core.testing.assertions import assert_close
from zoo_core.testing.cases import Subject, register_check, skip

CLASSES = ("a", "b", "c")
ROWS = 24


def _build(subject: Subject) -> MetricAccumulator:
    return cast(MetricAccumulator, call_build(subject.component, head=Head(CLASSES, len(CLASSES), "softmax")))


def _response(subject: Subject, probabilities: Tensor) -> Tensor:
    """Return the probabilities, or the labels, as the metric requires."""
    return probabilities.argmax(dim=1) if cast(Metric, subject.component).response == "labels" else probabilities


def _compute(subject: Subject, probabilities: Tensor, targets: Tensor, batches: int = 1) -> float:
    accumulator = _build(subject)
    predicted = _response(subject, probabilities)
    for some_predicted, some_targets in zip(predicted.chunk(batches), targets.chunk(batches), strict=True):
        accumulator.update(some_predicted, some_targets)
    return accumulator.compute()


def _make_predictions() -> tuple[Tensor, Tensor]:
    generator = make_generator(7, "metric")
    probabilities = torch.rand(ROWS, len(CLASSES), generator=generator).softmax(dim=1)
    return probabilities, torch.randint(0, len(CLASSES), (ROWS,), generator=generator)


def compute_on_predictions(subject: Subject) -> float:
    """Compute the metric over some predictions."""
    return _compute(subject, *_make_predictions())


def _confident(targets: Tensor) -> Tensor:
    """Return probabilities that predict the targets with high confidence."""
    return nn.functional.one_hot(targets, len(CLASSES)).float() * 0.94 + 0.02


@register_check("metric", "a metric of a split must not depend on batches or on the order of rows")
def independent_of_batches_and_order(subject: Subject) -> None:
    probabilities, targets = _make_predictions()
    value = _compute(subject, probabilities, targets)
    assert isinstance(value, float) and math.isfinite(value), f"compute() gives {value!r}, not a finite float"
    of_batches = _compute(subject, probabilities, targets, batches=5)
    assert_close(of_batches, value, f"{ROWS} rows in 5 batches have another value than in one", rtol=1e-6)
    of_others = _compute(subject, probabilities.flip(0), targets.flip(0))
    assert_close(of_others, value, f"{ROWS} rows in another order have another value", rtol=1e-6)


@register_check("metric", "early stopping follows the declared direction")
def correct_is_better_than_wrong(subject: Subject) -> None:
    targets = torch.arange(ROWS) % len(CLASSES)  # balanced, so that a metric of one class cannot tell them apart
    probabilities = _confident(targets)
    correct, wrong = _compute(subject, probabilities, targets), _compute(subject, probabilities.roll(1, 1), targets)
    higher_is_better = cast(Metric, subject.component).higher_is_better
    is_as_declared = (correct > wrong) == higher_is_better and correct != wrong
    assert is_as_declared, f"{correct:g} for correct predictions, {wrong:g} for wrong ones"


@register_check("metric", "intervals end at the declared range")
def values_are_in_range(subject: Subject) -> None:
    lowest, highest = cast(Metric, subject.component).range
    probabilities, targets = _make_predictions()
    for predictions in (probabilities, _confident(targets), _confident(targets).roll(1, 1)):
        value = _compute(subject, predictions, targets)
        assert lowest <= value <= highest, f"{value:g} is not between {lowest:g} and {highest:g}"


@register_check("metric", "a class may never occur or never be predicted")
def one_class_only(subject: Subject) -> None:
    probabilities = torch.tensor([[0.8, 0.1, 0.1]]).repeat(4, 1)
    for targets in (torch.zeros(4, dtype=torch.int64), torch.ones(4, dtype=torch.int64)):
        value = _compute(subject, probabilities, targets)
        assert math.isfinite(value), (
            f"the value is {value} for 4 rows of class {int(targets[0])}, all predicted as class 0"
        )


@register_check("metric", "comparisons test the rows of a metric that declares to be the accuracy")
def is_accuracy_as_declared(subject: Subject) -> None:
    if not cast(Metric, subject.component).is_accuracy:
        skip("it does not declare that it is the accuracy")
    probabilities, targets = _make_predictions()
    accuracy = float((probabilities.argmax(dim=1) == targets).double().mean())
    value = _compute(subject, probabilities, targets)
    assert math.isclose(value, accuracy), f"got {value:g}, expected the accuracy {accuracy:g}"


@register_check("metric", "computing a metric must change neither its value nor its inputs")
def compute_has_no_side_effects(subject: Subject) -> None:
    probabilities, targets = _make_predictions()
    predicted = _response(subject, probabilities)
    original_predicted, original_targets = predicted.clone(), targets.clone()
    accumulator = _build(subject)
    accumulator.update(predicted, targets)
    assert accumulator.compute() == accumulator.compute(), "the second value differs from the first"
    is_unchanged = torch.equal(predicted, original_predicted) and torch.equal(targets, original_targets)
    assert is_unchanged, "an input was modified in place"


@register_check("metric", "splits are evaluated one after the other")
def accumulators_are_independent(subject: Subject) -> None:
    probabilities, targets = _make_predictions()
    accumulator = _build(subject)
    accumulator.update(_response(subject, probabilities), targets)
    before = accumulator.compute()
    _build(subject).update(_response(subject, _confident(targets)), targets)
    assert accumulator.compute() == before, "another accumulator changed the value of this one"
