"""Confident learning: the arithmetic of cleanlab, and what must not change the result."""

from __future__ import annotations

import numpy as np
import pytest

from zoo_core.suspects.confident_learning import class_thresholds, confident_classes, count_wrong, rank_rows

# By cleanlab 2.9.0 on `made(*key)`: the sum of get_confident_thresholds(y, p), the diagonal of
# compute_confident_joint(y, p, calibrate=False), and find_label_issues(y, p, filter_by="low_self_confidence",
# return_indices_ranked_by="self_confidence"). `benchmarks.suspects` compares with the installed cleanlab.
EXPECTED = {
    (60, 2, 1): (1.695828, [23, 17], [26, 48]),
    (90, 3, 2): (2.172405, [14, 26, 19], [61, 87, 17]),
    (150, 6, 3): (3.371578, [9, 18, 9, 17, 12, 15], [44, 45, 34, 49, 46, 55, 62, 66, 144]),
    (400, 20, 4): (
        5.766427,
        [9, 11, 7, 9, 7, 4, 11, 8, 6, 7, 10, 12, 11, 9, 11, 12, 5, 8, 11, 11],
        [
            *(104, 318, 399, 368, 137, 80, 71, 150, 315, 76, 229, 59, 388, 39, 276, 213, 188, 246, 264, 396),
            *(144, 273, 107, 345, 394, 244, 183, 204, 322, 28, 86, 314, 255, 73, 172, 326, 219, 289, 110, 21),
        ],
    ),
}


def made(rows, classes, seed):
    """Labels, of which about 15% are drawn at random, and probabilities of a model that knows the true classes."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, classes, rows)
    scores = random.normal(size=(rows, classes)) + 2.5 * np.eye(classes)[truth]
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return np.where(random.random(rows) < 0.15, random.integers(0, classes, rows), truth), probabilities


@pytest.mark.parametrize("key", EXPECTED, ids=str)
def test_values_are_those_of_cleanlab(key):
    labels, probabilities = made(*key)
    thresholds, diagonal, suspects = EXPECTED[key]
    assert class_thresholds(labels, probabilities).sum() == pytest.approx(thresholds, abs=1e-6)
    counted_as = confident_classes(labels, probabilities)
    assert np.bincount(labels[counted_as == labels], minlength=key[1]).tolist() == diagonal
    assert rank_rows(labels, probabilities)[: count_wrong(labels, probabilities)].tolist() == suspects


@pytest.mark.parametrize("key", EXPECTED, ids=str)
def test_order_of_rows_and_names_of_classes_change_nothing(key):
    labels, probabilities = made(*key)
    random = np.random.default_rng(0)
    rows, classes = random.permutation(key[0]), random.permutation(key[1])
    moved, renamed = probabilities[rows][:, classes], np.argsort(classes)[labels[rows]]
    assert count_wrong(renamed, moved) == count_wrong(labels, probabilities)
    assert rows[rank_rows(renamed, moved)].tolist() == rank_rows(labels, probabilities).tolist()


def test_right_labels_are_not_suspects():
    labels = np.array([0, 1, 2, 0, 1, 2])
    assert count_wrong(labels, np.eye(3)[labels]) == 0
    assert not len(rank_rows(labels, np.eye(3)[labels]))


def test_one_wrong_label_is_found():
    labels = np.array([0, 0, 0, 1, 1, 1])
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.02, 0.98], [0.1, 0.9], [0.1, 0.9], [0.1, 0.9]])
    assert count_wrong(labels, probabilities) == 1
    assert rank_rows(labels, probabilities).tolist() == [2]


def test_equal_probabilities_speak_for_the_label():
    """Also for the label of the last class, which argmax would not choose."""
    labels = np.array([0, 1])
    assert not len(rank_rows(labels, np.full((2, 2), 0.5)))
    assert count_wrong(labels, np.full((2, 2), 0.5)) <= 1


def test_class_without_rows_has_no_suspects_of_its_own():
    labels, probabilities = made(90, 3, 2)
    wider = np.concatenate([probabilities, np.zeros((90, 1))], axis=1)
    assert class_thresholds(labels, wider)[3] > 1
    assert count_wrong(labels, wider) == count_wrong(labels, probabilities)
