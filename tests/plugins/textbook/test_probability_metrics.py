"""Metrics of probabilities against scikit-learn: ranks and calibration."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from zoo_core.components.head import Head
from zoo_core.evaluation import diagnostics
from zoo_core.evaluation.evaluator import Evaluator
from zoo_textbook.metrics.probability_metrics import AveragePrecision, Brier, ExpectedCalibrationError, RocAUC

AREAS = {RocAUC: roc_auc_score, AveragePrecision: average_precision_score}
METRICS = [
    RocAUC(),
    RocAUC(average="weighted"),
    AveragePrecision(),
    AveragePrecision(of="b"),
    Brier(),
    ExpectedCalibrationError(),
    ExpectedCalibrationError(bins=3),
]
CASES = st.tuples(st.integers(2, 5), st.integers(1, 40), st.integers(0, 10**6), st.sampled_from([1, 2, 15]))


def head(classes):
    return Head(tuple("abcde"[:classes]), classes, "softmax")


def draw_case(case):
    """Probabilities `(rows, classes)` with more ties the fewer their digits, and targets; few classes may occur."""
    classes, rows, seed, digits = case
    random = np.random.default_rng(seed)
    shares = random.dirichlet(np.ones(classes), size=rows).round(digits)
    return shares, random.integers(random.integers(1, classes + 1), size=rows)


def figure(metric, probabilities, targets, batches=1):
    accumulator = metric.build(head(probabilities.shape[1]))
    batched = np.array_split(probabilities, batches), np.array_split(targets, batches)
    for some_predicted, some_targets in zip(*batched, strict=True):
        accumulator.update(torch.as_tensor(some_predicted), torch.as_tensor(some_targets))
    results = accumulator.compute()
    assert isinstance(results, float)
    return results


def areas(score, shares, targets):
    """scikit-learn's area of each class that has one, and how many rows the class has."""
    classes_to_rank = [1] if shares.shape[1] == 2 else range(shares.shape[1])
    results = []
    for index in classes_to_rank:
        truth = targets == index
        if truth.any() and (score is average_precision_score or not truth.all()):
            results.append((score(truth, shares[:, index]), truth.sum()))
    return results


@pytest.mark.parametrize("metric", AREAS, ids=lambda metric: metric.name)
@pytest.mark.parametrize("average", ["macro", "weighted"])
@given(case=CASES)
def test_areas_equal_scikit_learn(metric, average, case):
    shares, targets = draw_case(case)
    results = areas(AREAS[metric], shares, targets)
    expected = {RocAUC: 0.5, AveragePrecision: 0.0}[metric]
    if results:
        class_values, rows = zip(*results, strict=True)
        expected = np.average(class_values, weights=rows if average == "weighted" else None)
    assert figure(metric(average=average), shares, targets) == pytest.approx(expected, abs=1e-12)
    for index, name in enumerate(head(case[0]).classes):
        if 0 < (targets == index).sum() < len(targets):
            alone = AREAS[metric](targets == index, shares[:, index])
            assert figure(metric(of=name), shares, targets) == pytest.approx(alone)


@pytest.mark.parametrize("average", ["macro", "weighted"])
@pytest.mark.parametrize("classes", [3, 5])
def test_one_against_the_rest_equals_scikit_learn(average, classes):
    random = np.random.default_rng(classes)
    shares = random.dirichlet(np.ones(classes), size=60)
    targets = np.concatenate([np.arange(classes), random.integers(classes, size=60 - classes)])
    expected = roc_auc_score(targets, shares, multi_class="ovr", average=average)
    assert figure(RocAUC(average=average), shares, targets) == pytest.approx(expected)
    expected = average_precision_score(targets, shares, average=average)
    assert figure(AveragePrecision(average=average), shares, targets) == pytest.approx(expected)


@given(CASES)
def test_brier_equals_scikit_learn(case):
    shares, targets = draw_case((*case[:3], 15))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of one label, and of sums that rounding moved
        expected = brier_score_loss(targets, shares[:, 1] if case[0] == 2 else shares, labels=range(case[0]))
    assert figure(Brier(), shares, targets) == pytest.approx(expected)


@given(st.lists(st.sampled_from([0, 0, 1, 1, 0.5, 5e-324, 1e-12]), min_size=4, max_size=12), st.integers(0, 99))
def test_probabilities_of_0_and_1_equal_scikit_learn(positive, seed):
    shares, targets = np.column_stack([1 - np.array(positive), positive]), np.array([0, 1] + [seed % 2] * len(positive))
    targets = np.random.default_rng(seed).permutation(targets[: len(positive)])
    for metric, score in ((RocAUC(), roc_auc_score), (AveragePrecision(), average_precision_score)):
        assert figure(metric, shares, targets) == pytest.approx(score(targets, shares[:, 1]), abs=1e-12)
    assert figure(Brier(), shares, targets) == pytest.approx(brier_score_loss(targets, shares[:, 1]), abs=1e-12)


@given(CASES, st.sampled_from([1, 2, 10, 15]))
def test_calibration_error_equals_curve_of_scikit_learn(case, bins):
    shares, targets = draw_case(case)
    sure, true = (shares[:, 1], targets == 1) if case[0] == 2 else (shares.max(1), shares.argmax(1) == targets)
    rows = np.bincount(np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], sure), minlength=bins)
    came_true, claimed = calibration_curve(true, sure, n_bins=bins)
    expected = np.abs(came_true - claimed) @ rows[rows > 0] / len(targets)
    assert figure(ExpectedCalibrationError(bins=bins), shares, targets) == pytest.approx(expected, abs=1e-12)


@given(CASES, st.integers(2, 9))
def test_batches_do_not_matter(case, batches):
    shares, targets = draw_case(case)
    for metric in METRICS:
        assert figure(metric, shares, targets, batches) == pytest.approx(figure(metric, shares, targets), rel=1e-12)


@pytest.mark.parametrize("metric", METRICS, ids=str)
@pytest.mark.parametrize("classes", [2, 3])
def test_no_rows(metric, classes):
    expected = 0.5 if isinstance(metric, RocAUC) else 0.0
    assert metric.build(head(classes)).compute() == expected
    assert figure(metric, np.empty((0, classes)), np.empty(0, dtype=np.int64)) == expected


@pytest.mark.parametrize("target", [0, 1, 2])
def test_one_row(target):
    shares = np.array([[0.7, 0.2, 0.1]])
    assert figure(RocAUC(), shares, np.array([target])) == 0.5  # there is no other row to rank it among
    assert figure(AveragePrecision(), shares, np.array([target])) == 1.0
    squares = {0: 0.09 + 0.04 + 0.01, 1: 0.49 + 0.64 + 0.01, 2: 0.49 + 0.04 + 0.81}
    assert figure(Brier(), shares, np.array([target])) == pytest.approx(squares[target])
    assert figure(ExpectedCalibrationError(), shares, np.array([target])) == pytest.approx(0.3 if target == 0 else 0.7)


def test_known_values():
    shares = np.array([[0.9, 0.1], [0.4, 0.6], [0.6, 0.4], [0.2, 0.8]])
    targets = np.array([0, 0, 1, 1])
    assert figure(RocAUC(), shares, targets) == 3 / 4
    assert figure(AveragePrecision(), shares, targets) == pytest.approx(1 / 2 + 1 / 2 * 2 / 3)
    assert figure(Brier(), shares, targets) == pytest.approx((0.01 + 0.36 + 0.36 + 0.04) / 4)
    assert figure(ExpectedCalibrationError(bins=2), shares, targets) == pytest.approx((0.5 + 0.4) / 4)


def test_equal_probabilities_are_chance():
    shares = np.full((6, 2), 0.5)
    targets = np.array([0, 1, 1, 1, 0, 1])
    assert figure(RocAUC(), shares, targets) == 0.5
    assert figure(AveragePrecision(), shares, targets) == pytest.approx(4 / 6)


def test_metrics_equal_the_plotted_curves():
    """Scores so large that float32 would call all of them 1: the areas are still those that are drawn."""
    sure = Head(("no", "yes"), 1, "sigmoid")
    scores, targets = torch.linspace(17, 30, 14).view(-1, 1), torch.tensor([0, 1] * 7)
    judge = Evaluator(sure, torch.nn.MSELoss(), ())
    for metric, curves in ((RocAUC(), diagnostics.roc), (AveragePrecision(), diagnostics.precision_recall)):
        assert judge.compute_metric(metric, scores, targets) == curves(sure, scores, targets)[0].area > 0.55
    gap = judge.compute_metric(ExpectedCalibrationError(), scores, targets)
    assert gap == diagnostics.reliability(sure, scores, targets).expected_calibration_error == pytest.approx(0.5)


def test_declares_its_direction():
    assert [metric.higher_is_better for metric in (RocAUC, AveragePrecision)] == [True, True]
    assert [metric.higher_is_better for metric in (Brier, ExpectedCalibrationError)] == [False, False]
    assert {metric.response for metric in METRICS} == {"probabilities"}
