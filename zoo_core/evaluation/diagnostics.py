"""Diagnostics of a split's scores: confusion matrix, class reports, reliability, ROC and PR curves. All in float64."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from attrs import field, frozen
from torch import Tensor

from zoo_core.components.head import Head
from zoo_core.components.targets.required import require_single_labels
from zoo_core.errors import RecipeError
from zoo_core.evaluation.calibration import CalibrationBins, confidence_and_correct
from zoo_core.evaluation.classification import ClassCounts
from zoo_core.evaluation.intervals.calibration_error import calibration_error_interval
from zoo_core.evaluation.intervals.interval import Interval, interval_list
from zoo_core.evaluation.intervals.labels import class_intervals
from zoo_core.evaluation.intervals.rows import rarest_class_rows, row_intervals
from zoo_core.evaluation.ranking import average_precision, cumulative_counts, roc_auc
from zoo_core.messages import quote_name

MAX_CLASSES = 1000  # of a confusion matrix
CLASS_METRICS = ("precision", "recall", "f1")
MAX_KEYS = 3  # classes whose values tell rows apart
Floats = tuple[float, ...]


@frozen
class Confusion:
    """A confusion matrix: `counts[i][j]` rows of class i were predicted as class j."""

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    def most_confused(self, max_classes: int) -> Confusion:
        """The matrix of the classes with the most errors, at most `max_classes`, in the same order."""
        if len(self.classes) <= max_classes:
            return self
        counts = torch.tensor(self.counts)
        errors = counts.sum(0) + counts.sum(1) - 2 * counts.diagonal()
        indices = sorted(torch.argsort(errors, descending=True, stable=True)[:max_classes].tolist())
        rows = tuple(tuple(self.counts[i][j] for j in indices) for i in indices)
        return Confusion(tuple(self.classes[i] for i in indices), rows)


@frozen
class ClassReport:
    """Precision, recall and F1 of one class, its number of `rows`, and of `errors`: rows with a wrong answer about it.

    `intervals` are those of the three by name, None where undefined.
    """

    label: str
    precision: float
    recall: float
    f1: float
    rows: int
    errors: int
    intervals: Mapping[str, Interval | None] = field(factory=dict)

    def interval_lists(self) -> dict[str, list[float] | None]:
        """The intervals by the name of the metric, as JSON has them."""
        return {name: interval_list(self.intervals.get(name)) for name in CLASS_METRICS}

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        values = {"label": self.label, "precision": self.precision, "recall": self.recall, "f1": self.f1}
        return {**values, "rows": self.rows, "intervals": self.interval_lists()}


@frozen
class Reliability:
    """A reliability diagram: mean probability and observed frequency for each of ten equal bins that has rows.

    `of` names the probability, `came_true` is the observed frequency. For `expected_calibration_error` see
    `CalibrationBins`.
    """

    of: str
    probability: Floats
    came_true: Floats
    rows: tuple[int, ...]
    expected_calibration_error: float
    interval: Interval | None = None  # of the error


@frozen
class RankingCurve:
    """A curve of one class against the rest as the threshold falls: `x`, `y`, the `area`, the `share` of its rows.

    `interval` is that of the area, `mean_interval` that of the mean of all curves, None where it is undefined.
    """

    label: str
    x: Floats
    y: Floats
    area: float
    share: float
    interval: Interval | None = None
    mean_interval: Interval | None = None


def confusion(head: Head, scores: Tensor, targets: Tensor) -> Confusion:
    """The confusion matrix of scores `(rows, outputs)` and targets `(rows,)`.

    Raises RecipeError for too many classes.
    """
    require_single_labels("confusion matrices", head.targets)
    size = len(head.classes)
    if size > MAX_CLASSES:
        raise RecipeError(f"too many classes for a confusion matrix: got {size}, expected at most {MAX_CLASSES}")
    counts = torch.bincount(targets.cpu() * size + head.predict(scores).cpu(), minlength=size * size)
    return Confusion(head.classes, tuple(map(tuple, counts.view(size, size).tolist())))


def class_reports(head: Head, scores: Tensor, targets: Tensor) -> tuple[ClassReport, ...]:
    """Precision, recall and F1 of each class; 0 if undefined, as for a class that is never predicted."""
    predicted, targets = head.predict(scores).cpu(), targets.cpu()
    counts = ClassCounts.of_head(head, predicted, targets)
    columns = (
        counts.precision().tolist(),
        counts.recall().tolist(),
        counts.f1().tolist(),
        counts.actual.int().tolist(),
        (counts.actual + counts.predicted - 2 * counts.hits).int().tolist(),
        (dict(zip(CLASS_METRICS, found, strict=True)) for found in class_intervals(head, predicted, targets)),
    )
    return tuple(ClassReport(*row) for row in zip(head.classes, *columns, strict=True))


def reliability(head: Head, scores: Tensor, targets: Tensor) -> Reliability:
    """The reliability of the second class's probability for two classes, of the predicted label's for more.

    Of labels by themselves, the points are of all labels together, the error is the mean of those of the labels.
    Raises RecipeError if the loss gives no probabilities.
    """
    if not head.has_probabilities:
        raise RecipeError("a reliability diagram needs probabilities, which the loss of this run does not give")
    of = f"probability of {quote_name(head.classes[1])}" if head.is_binary else head.form.confidence_name
    confidence, correct = confidence_and_correct(head.probabilities(scores.double()), targets)
    bins = CalibrationBins.from_confidence(confidence.flatten(), correct.flatten())
    has_rows = bins.rows > 0
    probability, frequency = ((sums / bins.rows)[has_rows] for sums in (bins.confidence_sums, bins.correct_counts))
    rows = tuple(map(int, bins.rows[has_rows].tolist()))
    by_label = CalibrationBins.from_confidence(confidence, correct)
    error, interval = by_label.expected_calibration_error(), calibration_error_interval(by_label)
    return Reliability(of, tuple(probability.tolist()), tuple(frequency.tolist()), rows, error, interval)


def roc(head: Head, scores: Tensor, targets: Tensor) -> tuple[RankingCurve, ...]:
    """ROC curves, of the second of two classes or of each of more; `area` is the AUC by trapezoids.

    x is the false positive rate, y the true positive rate. Points on a straight line between others are left out.
    """
    problems = _binary_problems(head, scores, targets)
    curves = []
    for (label, values, positive), area in zip(problems, _find_areas(head, roc_auc, problems, targets), strict=True):
        hits, misses = cumulative_counts(values, positive)
        bends = (hits.diff(n=2) != 0) | (misses.diff(n=2) != 0)
        last = torch.ones(min(1, len(hits) - 1), dtype=torch.bool)
        shown = torch.cat([torch.ones(1, dtype=torch.bool), bends, last])
        zero = torch.zeros(1, dtype=torch.float64)
        x = torch.cat([zero, misses[shown] / misses[-1]])
        y = torch.cat([zero, hits[shown] / hits[-1]])
        share = float(positive.double().mean())
        curves.append(RankingCurve(label, tuple(x.tolist()), tuple(y.tolist()), area.value, share, *area.intervals))
    return tuple(curves)


def precision_recall(head: Head, scores: Tensor, targets: Tensor) -> tuple[RankingCurve, ...]:
    """Precision-recall curves, of the second of two classes or of each of more; `area` is the average precision.

    x is the recall, from 0 up, y the precision. Where precision falls at one recall, only the ends are shown.
    """
    problems = _binary_problems(head, scores, targets)
    curves = []
    for (label, values, positive), area in zip(
        problems, _find_areas(head, average_precision, problems, targets), strict=True
    ):
        hits, misses = cumulative_counts(values, positive)
        recall, precision = hits / hits[-1], hits / (hits + misses)
        is_level = (hits.diff()[:-1] == 0) & (hits.diff()[1:] == 0)
        end = torch.ones(1, dtype=torch.bool)
        shown = torch.cat([end, ~is_level, end]) if len(hits) > 1 else end
        x, y = (0.0, *recall[shown].tolist()), (1.0, *precision[shown].tolist())
        share = float(positive.double().mean())
        curves.append(RankingCurve(label, x, y, area.value, share, *area.intervals))
    return tuple(curves)


@frozen
class _Area:
    """The area under the curve of a class, its interval, and that of the mean of all classes."""

    value: float
    intervals: tuple[Interval | None, Interval | None]


def _find_areas(
    head: Head,
    area: Callable[[Tensor, Tensor], float],
    problems: Sequence[tuple[str, Tensor, Tensor]],
    targets: Tensor,
) -> list[_Area]:
    """The area of each class, and the intervals of the areas and of their mean; `targets` are the labels of rows."""
    if not problems:
        return []

    def areas_of(rows: Tensor) -> list[float]:
        areas = [area(*cumulative_counts(values[rows], positive[rows])) for _, values, positive in problems]
        return [*areas, sum(areas) / len(areas)]

    labels = targets.cpu()
    keys = [head.form.row_codes(labels).numpy(), *(values.cpu().numpy() for _, values, _ in problems[:MAX_KEYS])]
    *areas, mean = areas_of(torch.arange(len(labels)))
    *intervals, of_mean = row_intervals(areas_of, [*areas, mean], keys, (0.0, 1.0), rarest_class_rows(head, labels))
    return [_Area(value, (interval, of_mean)) for value, interval in zip(areas, intervals, strict=True)]


def _binary_problems(head: Head, scores: Tensor, targets: Tensor) -> list[tuple[str, Tensor, Tensor]]:
    """One class against the rest: its label, values, and which rows are positive, if there are rows of both.

    Of two exclusive classes only the second.
    """
    scores = scores.double()
    values = head.probabilities(scores) if head.has_probabilities else head.class_scores(scores)
    indices = [1] if head.is_binary else range(len(head.classes))
    members = head.form.memberships(targets, len(head.classes))
    problems = [(head.classes[i], values[:, i], members[:, i]) for i in indices]
    return [problem for problem in problems if bool(problem[2].any()) and not bool(problem[2].all())]
