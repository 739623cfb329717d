"""Metrics against scikit-learn, and in batches against the whole."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, log_loss

from zoo_core.head import Head
from zoo_textbook.metrics import F1, Accuracy, LogLoss

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


@given(CASES)
def test_macro_f1_is_scikit_learns(case):
    predicted, targets = labels_of(case)
    expected = f1_score(targets, predicted, average="macro", zero_division=0)
    assert figure(F1(average="macro"), case[0], predicted, targets) == pytest.approx(expected)
    if case[0] > 2:
        assert figure(F1(), case[0], predicted, targets) == pytest.approx(expected)


@given(CASES)
def test_f1_of_two_classes_is_scikit_learns(case):
    predicted, targets = labels_of((2, *case[1:]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = f1_score(targets, predicted, pos_label=1, zero_division=0)
    assert figure(F1(), 2, predicted, targets) == pytest.approx(expected)


@given(CASES)
def test_log_loss_is_scikit_learns(case):
    predicted, targets = probabilities_of(case)
    expected = log_loss(targets, np.clip(predicted, 1e-7, 1), labels=range(case[0]), normalize=True)
    assert figure(LogLoss(), case[0], predicted, targets) == pytest.approx(expected, rel=1e-5)


@given(CASES, st.integers(2, 9))
def test_batches_are_the_whole(case, batches):
    predicted, targets = labels_of(case)
    for part in (Accuracy(), F1(), F1(average="macro")):
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
    shares = np.array([[0.5, 0.5], [0.9, 0.1]])
    assert figure(LogLoss(), 2, shares, np.array([0, 1])) == pytest.approx(-(np.log(0.5) + np.log(0.1)) / 2)


def test_a_certain_and_wrong_probability_is_finite():
    found = figure(LogLoss(), 2, np.array([[1.0, 0.0]]), np.array([1]))
    assert found == pytest.approx(-np.log(1e-7))


@pytest.mark.parametrize("part", [Accuracy(), F1(), F1(average="macro"), LogLoss()], ids=str)
def test_no_rows_at_all(part):
    assert part.build(head(3)).compute() == 0.0


@pytest.mark.parametrize("part", [Accuracy(), F1(), F1(average="macro")], ids=str)
def test_a_measure_is_new_each_time(part):
    first = part.build(head(2))
    first.update(torch.tensor([0, 1]), torch.tensor([1, 0]))
    assert first.compute() == 0.0
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
    assert [part.better for part in (Accuracy, F1, LogLoss)] == ["higher", "higher", "lower"]
    assert [part.needs for part in (Accuracy, F1, LogLoss)] == ["labels", "labels", "probabilities"]
