"""Confident learning: how many labels are wrong, and which, from out-of-fold probabilities.

A row counts as class j if its probability of j is at least the mean of that probability over the rows labeled j; of
several such classes, it counts as the likeliest. The counts of labels and such classes are the confident joint, and its
sum outside of the diagonal is an estimate of the number of wrong labels. The rows with the lowest probability of their
own label are those that are likely wrong.

Source: Northcutt, Jiang & Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 70.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
TOLERANCE = 1e-6  # of a probability that reaches its threshold
MIN_THRESHOLD = 2 * TOLERANCE  # a class that no row is given


def class_thresholds(labels: Ints, probabilities: Floats) -> Floats:
    """The mean probability of each class over the rows labeled so `(classes,)`; above 1 for a class without rows."""
    num_classes = probabilities.shape[1]
    counts = np.bincount(labels, minlength=num_classes)
    own = probabilities[np.arange(len(labels)), labels]
    sums = np.bincount(labels, weights=own, minlength=num_classes)
    return np.where(counts > 0, np.maximum(sums / np.maximum(counts, 1), MIN_THRESHOLD), 2.0)


def confident_classes(labels: Ints, probabilities: Floats) -> Ints:
    """The class that each row counts as `(rows,)`, -1 for a row that reaches no threshold; see the module."""
    is_confident = probabilities >= class_thresholds(labels, probabilities) - TOLERANCE
    several = is_confident.sum(axis=1) > 1
    counted_as = np.where(several, probabilities.argmax(axis=1), is_confident.argmax(axis=1))
    return np.where(is_confident.any(axis=1), counted_as, -1)


def count_wrong(labels: Ints, probabilities: Floats) -> int:
    """The estimated number of wrong labels: rows that count as another class, and whose likeliest class is another."""
    counted_as = confident_classes(labels, probabilities)
    is_other = (counted_as >= 0) & (counted_as != labels)
    return int((is_other & (probabilities.argmax(axis=1) != labels)).sum())


def rank_rows(labels: Ints, probabilities: Floats) -> Ints:
    """The rows whose likeliest class is not their label, by rising probability of the label; ties in their order."""
    own = probabilities[np.arange(len(labels)), labels]
    others = np.flatnonzero(probabilities.max(axis=1) > own)
    return others[np.argsort(own[others], kind="stable")]
