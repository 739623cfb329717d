"""Metrics against scikit-learn, and in batches against the whole."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    log_loss,
    matthews_corrcoef,
    precision_score,
    recall_score,
)

from zoo_core.components.head import Head
from zoo_core.config.structure import build_component
from zoo_core.errors import RecipeError
from zoo_textbook.metrics.label_metrics import F1, Accuracy, LogLoss, Matthews, Precision, Recall

CASES = st.tuples(st.integers(2, 5), st.integers(1, 40), st.integers(0, 10**6))


def head(classes):
    return Head(tuple("abcde"[:classes]), classes, "softmax")


def labels_of(case):
    """Predicted labels and targets; few classes may occur."""
    classes, rows, seed = case
    random = np.random.default_rng(seed)
    most = random.integers(1, classes + 1, size=2)
    return random.integers(most[0], size=rows), random.integers(most[1], size=rows)


def probabilities_of(case):
    """Probabilities of each class, and targets."""
    classes, rows, seed = case
    random = np.random.default_rng(seed)
    return random.dirichlet(np.ones(classes), size=rows), random.integers(classes, size=rows)


def figure(part, classes, predicted, targets, batches=1):
    measure = part.build(head(classes))
    for some, wanted in zip(np.array_split(predicted, batches), np.array_split(targets, batches), strict=True):
        measure.update(torch.as_tensor(some), torch.as_tensor(wanted))
    found = measure.compute()
    assert isinstance(found, float)
    return found


@given(CASES)
def test_accuracy_is_scikit_learns(case):
    predicted, targets = labels_of(case)
    assert figure(Accuracy(), case[0], predicted, targets) == pytest.approx(accuracy_score(targets, predicted))


OF_CLASSES = {Precision: precision_score, Recall: recall_score, F1: f1_score}


@pytest.mark.parametrize("part", OF_CLASSES, ids=lambda part: part.name)
@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
@given(case=CASES)
def test_averages_are_scikit_learns(part, average, case):
    predicted, targets = labels_of(case)
    expected = OF_CLASSES[part](targets, predicted, average=average, zero_division=0)
    assert figure(part(average=average), case[0], predicted, targets) == pytest.approx(expected)
    if average == "macro" and case[0] > 2:
        assert figure(part(), case[0], predicted, targets) == pytest.approx(expected)


@pytest.mark.parametrize("part", OF_CLASSES, ids=lambda part: part.name)
@given(case=CASES)
def test_the_figure_of_one_class_is_scikit_learns(part, case):
    predicted, targets = labels_of(case)
    each = OF_CLASSES[part](targets, predicted, labels=range(case[0]), average=None, zero_division=0)
    for index, name in enumerate(head(case[0]).classes):
        assert figure(part(of=name), case[0], predicted, targets) == pytest.approx(each[index])
    if case[0] == 2:
        assert figure(part(), 2, predicted, targets) == pytest.approx(each[1])


@given(CASES)
def test_matthews_is_scikit_learns(case):
    predicted, targets = labels_of(case)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a single label
        expected = matthews_corrcoef(targets, predicted)
    assert figure(Matthews(), case[0], predicted, targets) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("predicted", "target"), [(0, 0), (1, 1), (0, 1), (1, 0), (2, 2), (2, 0)])
def test_one_row(predicted, target):
    right = float(predicted == target)
    for part in (Accuracy(), F1(), Precision(average="micro"), Recall(average="weighted")):
        assert figure(part, 3, np.array([predicted]), np.array([target])) == right
    assert figure(Matthews(), 3, np.array([predicted]), np.array([target])) == 0.0


@pytest.mark.parametrize("name", ["precision", "recall", "f1", "roc-auc", "average-precision"])
def test_a_class_that_is_not_there_and_an_average_of_one_class(registry, name):
    with pytest.raises(RecipeError, match=r'of: unknown class "span" \(hint: did you mean "spam"'):
        build_component(registry, "metric", {"use": name, "of": "span"}).build(Head(("a", "spam"), 2, "softmax"))
    with pytest.raises(RecipeError, match='of: cannot be set together with average = "weighted"'):
        build_component(registry, "metric", {"use": name, "of": "a", "average": "weighted"})


@given(CASES)
def test_log_loss_is_scikit_learns(case):
    predicted, targets = probabilities_of(case)
    expected = log_loss(targets, np.clip(predicted, 1e-7, 1), labels=range(case[0]), normalize=True)
    assert figure(LogLoss(), case[0], predicted, targets) == pytest.approx(expected, rel=1e-5)


COUNTED = [Accuracy(), F1(), F1(average="macro"), Precision(average="weighted"), Recall(average="micro"), Matthews()]


@given(CASES, st.integers(2, 9))
def test_batches_are_the_whole(case, batches):
    predicted, targets = labels_of(case)
    for part in COUNTED:
        whole = figure(part, case[0], predicted, targets)
        assert figure(part, case[0], predicted, targets, batches) == whole
    shares, targets = probabilities_of(case)
    assert figure(LogLoss(), case[0], shares, targets, batches) == pytest.approx(
        figure(LogLoss(), case[0], shares, targets), rel=1e-12
    )


def test_pinned_figures():
    predicted, targets = np.array([1, 1, 0, 1, 0]), np.array([1, 0, 1, 1, 0])  # TP 2, FP 1, FN 1, TN 1
    assert figure(Accuracy(), 2, predicted, targets) == pytest.approx(3 / 5)
    assert figure(F1(), 2, predicted, targets) == pytest.approx(4 / 6)
    assert figure(F1(average="macro"), 2, predicted, targets) == pytest.approx((4 / 6 + 2 / 4) / 2)
    assert figure(Precision(of="a"), 2, predicted, targets) == figure(Recall(of="a"), 2, predicted, targets) == 0.5
    assert figure(Matthews(), 2, predicted, targets) == pytest.approx((2 * 1 - 1 * 1) / np.sqrt(3 * 3 * 2 * 2))
    shares = np.array([[0.5, 0.5], [0.9, 0.1]])
    assert figure(LogLoss(), 2, shares, np.array([0, 1])) == pytest.approx(-(np.log(0.5) + np.log(0.1)) / 2)


def test_a_certain_and_wrong_probability_is_finite():
    found = figure(LogLoss(), 2, np.array([[1.0, 0.0]]), np.array([1]))
    assert found == pytest.approx(-np.log(1e-7))


@pytest.mark.parametrize("part", [*COUNTED, LogLoss()], ids=str)
def test_no_rows_at_all(part):
    assert part.build(head(3)).compute() == 0.0


@pytest.mark.parametrize("part", COUNTED, ids=str)
def test_a_measure_is_new_each_time(part):
    first = part.build(head(2))
    first.update(torch.tensor([0, 1]), torch.tensor([1, 0]))
    assert first.compute() <= 0.0
    again = part.build(head(2))
    again.update(torch.tensor([0, 1]), torch.tensor([0, 1]))
    assert again.compute() == 1.0


def test_float32_sums_do_not_drift():
    """A hundred thousand rows of 0.1 each: in float32 the sum would be off in the fifth digit."""
    measure = LogLoss().build(head(2))
    shares = torch.full((1000, 2), 0.1)
    for _ in range(100):
        measure.update(shares, torch.zeros(1000, dtype=torch.int64))
    assert measure.compute() == pytest.approx(-np.log(np.float64(np.float32(0.1))), rel=1e-10)


def test_which_way_is_better():
    counted = [Accuracy, Precision, Recall, F1, Matthews]
    assert {(part.higher_is_better, part.response) for part in counted} == {(True, "labels")}
    assert (LogLoss.higher_is_better, LogLoss.response) == (False, "probabilities")
