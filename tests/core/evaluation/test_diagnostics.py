"""Diagnostics: the numbers of scikit-learn, point by point."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.calibration import calibration_curve

from zoo_core.components.head import Head
from zoo_core.errors import RecipeError
from zoo_core.evaluation import diagnostics

BINARY = Head(("no", "yes"), 1, "sigmoid")
THREE = Head(("a", "b", "c"), 3, "softmax")
PAIR, SCORED = Head(("no", "yes"), 2, "softmax"), Head(("a", "b", "c"), 3, "none")
HEADS = [BINARY, PAIR, Head(("no", "yes"), 2, "none"), THREE, SCORED]


def drawn(head, rows=200, seed=1, step=0.5):
    """Scores with many ties, and targets of every class that the scores say something about."""
    draw = torch.Generator().manual_seed(seed)
    targets = torch.randint(len(head.classes), (rows,), generator=draw)
    targets[: len(head.classes)] = torch.arange(len(head.classes))
    scores = torch.randn(rows, head.outputs, generator=draw)
    if head.outputs == 1:
        scores[:, 0] += targets * 2 - 1
    else:
        scores[torch.arange(rows), targets] += 1
    return (scores / step).round() * step, targets


def ranking(head, scores):
    """Each class's label, index and what its rows are ranked by."""
    values = (head.probabilities if head.has_probabilities else head.class_scores)(scores.double()).numpy()
    own = [1] if len(head.classes) == 2 else range(len(head.classes))
    return [(head.classes[i], i, values[:, i]) for i in own]


@pytest.mark.parametrize("head", HEADS, ids=lambda head: f"{len(head.classes)}-{head.link}-{head.outputs}")
@pytest.mark.parametrize("step", [0.5, 1e-4, 4.0])
def test_roc_and_precision_recall_match_scikit_learn(head, step):
    scores, targets = drawn(head, step=step)
    own = ranking(head, scores)
    curves = diagnostics.roc(head, scores, targets), diagnostics.precision_recall(head, scores, targets)
    assert len(own) == (1 if len(head.classes) == 2 else 3)
    for (label, index, values), roc, pr in zip(own, *curves, strict=True):
        truth = targets.numpy() == index
        false, true, _ = metrics.roc_curve(truth, values)
        assert (roc.label, pr.label) == (label, label)
        assert roc.x == pytest.approx(false, abs=1e-12)
        assert roc.y == pytest.approx(true, abs=1e-12)
        assert roc.area == pytest.approx(metrics.roc_auc_score(truth, values))
        precision, recall, _ = metrics.precision_recall_curve(truth, values, drop_intermediate=True)
        assert pr.x == pytest.approx(recall[::-1], abs=1e-12)
        assert pr.y == pytest.approx(precision[::-1], abs=1e-12)
        assert pr.area == pytest.approx(metrics.average_precision_score(truth, values))
        assert roc.share == pr.share == pytest.approx(truth.mean())


@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=1, max_size=40))
def test_curves_of_any_scores_go_from_corner_to_corner(rows):
    scores, targets = torch.tensor([[float(s)] for s, _ in rows]), torch.tensor([int(t) for _, t in rows])
    roc, pr = diagnostics.roc(BINARY, scores, targets), diagnostics.precision_recall(BINARY, scores, targets)
    if len(set(targets.tolist())) == 1:
        assert roc == pr == ()
        return
    [curve], [steps] = roc, pr
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0, 0, 1, 1)
    assert list(curve.x) == sorted(curve.x)
    assert list(curve.y) == sorted(curve.y)
    assert curve.area == pytest.approx(metrics.roc_auc_score(targets, scores[:, 0]))
    assert (steps.x[0], steps.x[-1]) == (0, 1)
    assert list(steps.x) == sorted(steps.x)
    assert steps.area == pytest.approx(metrics.average_precision_score(targets, scores[:, 0]))


def test_a_class_without_rows_has_no_curve():
    scores, targets = drawn(THREE)
    kept = targets != 1
    assert [curve.label for curve in diagnostics.roc(THREE, scores[kept], targets[kept])] == ["a", "c"]


@pytest.mark.parametrize("head", HEADS, ids=lambda head: f"{len(head.classes)}-{head.link}-{head.outputs}")
def test_confusion_matches_scikit_learn(head):
    scores, targets = drawn(head)
    own = metrics.confusion_matrix(targets, head.predict(scores), labels=range(len(head.classes)))
    found = diagnostics.confusion(head, scores, targets)
    assert found.classes == head.classes
    assert np.array_equal(found.counts, own)


def test_most_confused_classes_have_the_most_errors():
    matrix = diagnostics.Confusion(("a", "b", "c", "d"), ((90, 1, 0, 0), (0, 5, 0, 4), (2, 0, 70, 0), (0, 9, 0, 9)))
    assert matrix.most_confused(4) == matrix
    assert matrix.most_confused(2) == diagnostics.Confusion(("b", "d"), ((5, 4), (9, 9)))


@pytest.mark.parametrize("step", [0.5, 1e-4, 3.0])
def test_reliability_of_two_classes_matches_scikit_learn(step):
    scores, targets = drawn(BINARY, rows=500, step=step)
    found = diagnostics.reliability(BINARY, scores, targets)
    chance = torch.sigmoid(scores.double())[:, 0].numpy()
    came_true, predicted = calibration_curve(targets, chance, n_bins=10)
    assert found.of == 'probability of "yes"'
    assert found.probability == pytest.approx(predicted)
    assert found.came_true == pytest.approx(came_true)
    assert sum(found.rows) == 500
    distance = np.abs(predicted - came_true) @ np.array(found.rows) / 500
    assert found.expected_calibration_error == pytest.approx(distance)


def test_reliability_of_more_classes_is_that_of_the_predicted_label():
    scores, targets = drawn(THREE, rows=500)
    found = diagnostics.reliability(THREE, scores, targets)
    chances = torch.softmax(scores.double(), 1)
    came_true, predicted = calibration_curve(chances.argmax(1) == targets, chances.max(1).values, n_bins=10)
    assert found.probability == pytest.approx(predicted)
    assert found.came_true == pytest.approx(came_true)
    with pytest.raises(RecipeError, match="needs probabilities"):
        diagnostics.reliability(Head(("a", "b"), 2, "none"), scores[:, :2], targets.clamp(max=1))


def test_a_single_row():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        row = torch.tensor([[2.0]]), torch.tensor([1])
        assert diagnostics.confusion(BINARY, *row).counts == ((0, 0), (0, 1))
        assert diagnostics.reliability(BINARY, *row).rows == (1,)
        assert diagnostics.roc(BINARY, *row) == ()
