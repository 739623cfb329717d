"""Checks of the values of metrics: finite, in range, in the declared direction, of every class."""

from __future__ import annotations

import math
from typing import cast

import torch

from zoo_core.components.contracts import Metric
from zoo_core.components.head import Head
from zoo_core.testing.assertions import assert_close
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.metrics.inputs import METRIC_INPUTS, compute, make_head, make_predictions, make_ranked

MORE_CLASSES = (4, 6, 300)
NUMBERS_OF_CLASSES = (2, 3, 6, 12)
NAMES = (("no", "yes"), ("yes", "no"), ("1", "0"), ("b", "a"))


@register_check("metric", "a class may never occur or never be predicted, and a probability may be 0")
def finite_for_any_rows(subject: Subject) -> None:
    for description, predictions in METRIC_INPUTS:
        value = compute(subject, predictions)
        assert isinstance(value, float), f"compute() gives {value!r} for {description}, not a float"
        assert math.isfinite(value), f"the value is {value} for {description}"


@register_check("metric", "intervals end at the declared range")
def values_are_in_range(subject: Subject) -> None:
    lowest, highest = cast(Metric, subject.component).range
    for description, predictions in METRIC_INPUTS:
        value = compute(subject, predictions)
        assert lowest <= value <= highest, f"{value:g} is not between {lowest:g} and {highest:g}, for {description}"


@register_check("metric", "early stopping follows the declared direction")
def correct_is_better_than_wrong(subject: Subject) -> None:
    sign = 1 if cast(Metric, subject.component).higher_is_better else -1
    differs = False
    for classes in NUMBERS_OF_CLASSES:
        targets = torch.arange(60) % classes
        correct = compute(subject, make_ranked(targets, classes, is_correct=True))
        wrong = compute(subject, make_ranked(targets, classes, is_correct=False))
        assert sign * correct >= sign * wrong, (
            f"for {classes} classes, the value is {correct:g} for correct predictions and {wrong:g} for wrong ones, "
            f"while {'higher' if sign > 0 else 'lower'} is declared to be better"
        )
        differs = differs or correct != wrong
    assert differs, "the value is the same for correct and for wrong predictions"


@register_check("metric", "a mean over classes is over those that occur, so that a split may lack a class")
def absent_classes_change_nothing(subject: Subject) -> None:
    metric = cast(Metric, subject.component)
    if metric.response == "probabilities" and not metric.higher_is_better:
        skip("an error of probabilities may be a mean over all classes")
    predictions = make_predictions(60, 3)
    value = compute(subject, predictions)
    for classes in MORE_CLASSES:
        changed = compute(subject, predictions.among(classes))
        what = f"{classes - 3} more classes that neither occur nor are predicted change the value of 3 classes"
        assert_close(changed, value, what, rtol=1e-6)


@register_check("metric", "classes are known by their index: of two, the second is the positive one")
def independent_of_class_names(subject: Subject) -> None:
    predictions = make_predictions(60, 2)
    value = compute(subject, predictions, head=Head(NAMES[0], 2, "softmax"))
    for names in NAMES[1:]:
        named = compute(subject, predictions, head=Head(names, 2, "softmax"))
        what = f"the value depends on the names of the classes: with {names} instead of {NAMES[0]}"
        assert_close(named, value, what, rtol=1e-6)


@register_check("metric", "the labels that it gets are already predicted with the threshold")
def independent_of_the_threshold(subject: Subject) -> None:
    metric = cast(Metric, subject.component)
    if metric.is_accuracy and metric.response == "probabilities":
        skip("it is the accuracy of probabilities, which has a threshold")
    predictions = make_predictions(60, 2)
    value = compute(subject, predictions)
    for threshold in (0.2, 0.55, 0.9):
        changed = compute(subject, predictions, head=make_head(2, threshold=threshold))
        what = (
            f"the value depends on the threshold, as of {threshold:g} instead of 0.5; a metric of labels declares "
            'response = "labels", and gets the labels that the threshold predicts'
        )
        assert_close(changed, value, what, rtol=1e-6)


@register_check("metric", "comparisons test the rows of a metric that declares to be the accuracy")
def is_accuracy_as_declared(subject: Subject) -> None:
    if not cast(Metric, subject.component).is_accuracy:
        skip("it does not declare that it is the accuracy")
    for description, predictions in METRIC_INPUTS:
        predicted = make_head(predictions.classes).predict(predictions.probabilities.log())
        if cast(Metric, subject.component).response == "labels":
            predicted = predictions.probabilities.argmax(dim=1)
        accuracy = float((predicted == predictions.targets).double().mean())
        value = compute(subject, predictions)
        assert math.isclose(value, accuracy), f"got {value:g}, expected the accuracy {accuracy:g}, for {description}"
