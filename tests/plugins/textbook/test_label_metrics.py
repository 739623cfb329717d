"""Metrics of labels against scikit-learn, in any batches."""

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


def compute_metric(metric, classes, predicted, targets, batches=1):
    accumulator = metric.build(head(classes))
    for some_predicted, some_targets in zip(
        np.array_split(predicted, batches), np.array_split(targets, batches), strict=True
    ):
        accumulator.update(torch.as_tensor(some_predicted), torch.as_tensor(some_targets))
    value = accumulator.compute()
    assert isinstance(value, float)
    return value


@given(CASES)
def test_accuracy_equals_scikit_learn(case):
    predicted, targets = labels_of(case)
    assert compute_metric(Accuracy(), case[0], predicted, targets) == pytest.approx(accuracy_score(targets, predicted))


OF_CLASSES = {Precision: precision_score, Recall: recall_score, F1: f1_score}


@pytest.mark.parametrize("metric", OF_CLASSES, ids=lambda metric: metric.name)
@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
@given(case=CASES)
def test_averages_equal_scikit_learn(metric, average, case):
    predicted, targets = labels_of(case)
    expected = OF_CLASSES[metric](targets, predicted, average=average, zero_division=0)
    assert compute_metric(metric(average=average), case[0], predicted, targets) == pytest.approx(expected)
    if average == "macro" and case[0] > 2:
        assert compute_metric(metric(), case[0], predicted, targets) == pytest.approx(expected)


@pytest.mark.parametrize("metric", OF_CLASSES, ids=lambda metric: metric.name)
@given(case=CASES)
def test_metric_of_one_class_equals_scikit_learn(metric, case):
    predicted, targets = labels_of(case)
    class_values = OF_CLASSES[metric](targets, predicted, labels=range(case[0]), average=None, zero_division=0)
    for index, name in enumerate(head(case[0]).classes):
        assert compute_metric(metric(of=name), case[0], predicted, targets) == pytest.approx(class_values[index])
    if case[0] == 2:
        assert compute_metric(metric(), 2, predicted, targets) == pytest.approx(class_values[1])


@given(CASES)
def test_matthews_equals_scikit_learn(case):
    predicted, targets = labels_of(case)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a single label
        expected = matthews_corrcoef(targets, predicted)
    assert compute_metric(Matthews(), case[0], predicted, targets) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("predicted", "target"), [(0, 0), (1, 1), (0, 1), (1, 0), (2, 2), (2, 0)])
def test_one_row(predicted, target):
    right = float(predicted == target)
    for metric in (Accuracy(), F1(), Precision(average="micro"), Recall(average="weighted")):
        assert compute_metric(metric, 3, np.array([predicted]), np.array([target])) == right
    assert compute_metric(Matthews(), 3, np.array([predicted]), np.array([target])) == 0.0


@pytest.mark.parametrize("name", ["precision", "recall", "f1", "roc-auc", "average-precision"])
def test_rejects_an_unknown_class_and_an_average_of_one_class(registry, name):
    with pytest.raises(RecipeError, match=r'of: unknown class "span" \(hint: did you mean "spam"'):
        build_component(registry, "metric", {"use": name, "of": "span"}).build(Head(("a", "spam"), 2, "softmax"))
    with pytest.raises(RecipeError, match='of: cannot be set together with average = "weighted"'):
        build_component(registry, "metric", {"use": name, "of": "a", "average": "weighted"})


@given(CASES)
def test_log_loss_equals_scikit_learn(case):
    predicted, targets = probabilities_of(case)
    expected = log_loss(targets, predicted, labels=range(case[0]), normalize=True)
    assert compute_metric(LogLoss(), case[0], predicted, targets) == pytest.approx(expected, rel=1e-5)


LABEL_METRICS = [
    Accuracy(),
    F1(),
    F1(average="macro"),
    Precision(average="weighted"),
    Recall(average="micro"),
    Matthews(),
]


@given(CASES, st.integers(2, 9))
def test_batches_do_not_matter(case, batches):
    predicted, targets = labels_of(case)
    for metric in LABEL_METRICS:
        whole = compute_metric(metric, case[0], predicted, targets)
        assert compute_metric(metric, case[0], predicted, targets, batches) == whole
    shares, targets = probabilities_of(case)
    assert compute_metric(LogLoss(), case[0], shares, targets, batches) == pytest.approx(
        compute_metric(LogLoss(), case[0], shares, targets), rel=1e-12
    )


def test_known_values():
    predicted, targets = np.array([1, 1, 0, 1, 0]), np.array([1, 0, 1, 1, 0])  # TP 2, FP 1, FN 1, TN 1
    assert compute_metric(Accuracy(), 2, predicted, targets) == pytest.approx(3 / 5)
    assert compute_metric(F1(), 2, predicted, targets) == pytest.approx(4 / 6)
    assert compute_metric(F1(average="macro"), 2, predicted, targets) == pytest.approx((4 / 6 + 2 / 4) / 2)
    assert (
        compute_metric(Precision(of="a"), 2, predicted, targets)
        == compute_metric(Recall(of="a"), 2, predicted, targets)
        == 0.5
    )
    assert compute_metric(Matthews(), 2, predicted, targets) == pytest.approx((2 * 1 - 1 * 1) / np.sqrt(3 * 3 * 2 * 2))
    shares = np.array([[0.5, 0.5], [0.9, 0.1]])
    assert compute_metric(LogLoss(), 2, shares, np.array([0, 1])) == pytest.approx(-(np.log(0.5) + np.log(0.1)) / 2)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("probability", [0, 1e-300, 1e-16, 1e-12, 1e-7, 0.5, 1 - 1e-16, 1])
def test_log_loss_of_sure_predictions_equals_scikit_learn(probability, dtype):
    predicted = np.array([[probability, 1 - probability], [0.5, 0.5]], dtype=dtype)
    for targets in (np.array([0, 1]), np.array([1, 0])):
        expected = log_loss(targets, predicted)
        assert compute_metric(LogLoss(), 2, predicted, targets) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("metric", [*LABEL_METRICS, LogLoss()], ids=str)
def test_no_rows(metric):
    assert metric.build(head(3)).compute() == 0.0


@pytest.mark.parametrize("metric", LABEL_METRICS, ids=str)
def test_builds_a_new_accumulator(metric):
    first = metric.build(head(2))
    first.update(torch.tensor([0, 1]), torch.tensor([1, 0]))
    assert first.compute() <= 0.0
    again = metric.build(head(2))
    again.update(torch.tensor([0, 1]), torch.tensor([0, 1]))
    assert again.compute() == 1.0


def test_float32_sums_do_not_drift():
    """A hundred thousand rows of 0.1 each: in float32 the sum would be off in the fifth digit."""
    accumulator = LogLoss().build(head(2))
    shares = torch.full((1000, 2), 0.1)
    for _ in range(100):
        accumulator.update(shares, torch.zeros(1000, dtype=torch.int64))
    assert accumulator.compute() == pytest.approx(-np.log(np.float64(np.float32(0.1))), rel=1e-10)


def test_declares_its_direction():
    of_labels = [Accuracy, Precision, Recall, F1, Matthews]
    assert {(metric.higher_is_better, metric.response) for metric in of_labels} == {(True, "labels")}
    assert (LogLoss.higher_is_better, LogLoss.response) == (False, "probabilities")
