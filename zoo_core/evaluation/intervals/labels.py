"""Intervals of functions of predicted labels, which depend on rows by the confusion matrix alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from zoo_core.components.head import Head
from zoo_core.evaluation.classification import ClassCounts
from zoo_core.evaluation.intervals.estimates import Intervals, Range, is_bounded, score_intervals, skewed_intervals
from zoo_core.evaluation.intervals.interval import Interval
from zoo_core.evaluation.intervals.jackknife import leave_out_rows
from zoo_core.evaluation.quantiles import normal_quantile, student_quantile_series

MAX_CHANGED_CLASSES = 30  # the rarest ones, whose rows change a value most
LabelFunction = Callable[[Tensor, Tensor], Sequence[float]]  # of predicted and true class indices, each `(rows,)`
SHARE: Range = (0.0, 1.0)


def label_intervals(
    function: LabelFunction, predicted: Tensor, targets: Tensor, num_classes: int, value_range: Range
) -> Intervals:
    """The interval of each value of a function of predicted and true class indices `(rows,)`.

    None where it is undefined: for a single row, and for a value that no row changes.
    """
    values = function(predicted, targets)
    if len(targets) < 2:
        return [None] * len(values)
    codes = targets * num_classes + predicted
    found = leave_out_rows(lambda rows: function(predicted[rows], targets[rows]), codes)
    quantile = normal_quantile() if found.count == len(codes) else student_quantile_series(found.count - 1)
    if not is_bounded(value_range):
        return skewed_intervals(found, values, value_range, quantile)
    exact_rows = [0.0] * len(values)
    if any(value in value_range for value in values):
        effects = np.zeros(len(values))
        for changed in _with_one_change(predicted, targets, num_classes):
            effects = np.maximum(effects, np.abs(np.subtract(function(changed, targets), values)))
        exact_rows = [(value_range[1] - value_range[0]) / effect if effect > 0 else 0.0 for effect in effects.tolist()]
    return score_intervals(found, values, value_range, quantile, exact_rows)


def class_intervals(head: Head, predicted: Tensor, targets: Tensor) -> list[tuple[Interval | None, ...]]:
    """The intervals of precision, recall and F1 of each class, from predicted and true labels."""

    def of_counts(counts: ClassCounts) -> list[float]:
        values: list[float] = torch.stack([counts.precision(), counts.recall(), counts.f1()], dim=1).flatten().tolist()
        return values

    def function(predicted: Tensor, targets: Tensor) -> list[float]:
        return of_counts(ClassCounts.of_head(head, predicted, targets))

    if head.form.has_thresholds:  # each label is a question of two answers
        return [
            tuple(label_intervals(_second_of(of_counts), *pair, 2, SHARE))
            for pair in zip(predicted.long().unbind(1), targets.long().unbind(1), strict=True)
        ]
    found = label_intervals(function, predicted, targets, len(head.classes), SHARE)
    return [tuple(found[3 * label : 3 * label + 3]) for label in range(len(head.classes))]


def _second_of(of_counts: Callable[[ClassCounts], list[float]]) -> LabelFunction:
    """The values of the second of two classes."""
    return lambda predicted, targets: of_counts(ClassCounts.from_labels(predicted, targets, 2))[3:]


def _with_one_change(predicted: Tensor, targets: Tensor, num_classes: int) -> Iterator[Tensor]:
    """Predictions with one more error, or with one less, of each of the rarest classes that have rows."""
    counts = torch.bincount(targets, minlength=num_classes)
    by_rows = torch.argsort(counts, stable=True)
    present = by_rows[counts[by_rows] > 0][:MAX_CHANGED_CLASSES].tolist()
    for label in present:
        other = next(found for found in reversed(by_rows.tolist()) if found != label)
        is_hit = predicted == label
        for has_row, becomes in ((is_hit, other), (~is_hit, label)):
            rows = (has_row & (targets == label)).nonzero()
            if len(rows):
                changed = predicted.clone()
                changed[rows[0]] = becomes
                yield changed
