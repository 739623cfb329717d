"""The intervals of the loss and of metrics over scored rows, whatever plugins they are from."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from zoo_core.components.building.call import call_build
from zoo_core.components.contracts import Metric
from zoo_core.components.head import Head
from zoo_core.components.protocols import EstimatesInterval, MetricAccumulator
from zoo_core.evaluation.intervals.estimates import UNBOUNDED, widest
from zoo_core.evaluation.intervals.few_rows import expected_interval
from zoo_core.evaluation.intervals.interval import Interval, wilson_interval
from zoo_core.evaluation.intervals.labels import label_intervals
from zoo_core.evaluation.intervals.rows import rarest_class_rows, row_intervals, row_keys
from zoo_core.evaluation.quantiles import CONFIDENCE_LEVEL


@torch.inference_mode()
def loss_interval(head: Head, loss: nn.Module, scores: Tensor, targets: Tensor, value: float) -> Interval | None:
    """The interval of the loss beside its value; targets are class indices `(rows,)` or probabilities."""

    def function(rows: Tensor) -> list[float]:
        return [float(loss(scores[rows], targets[rows]))]

    labels = head.form.labels(targets)
    keys, fewest = row_keys(head, scores.cpu(), labels.cpu()), rarest_class_rows(head, labels)
    try:
        found = row_intervals(function, [value], keys, UNBOUNDED, fewest)[0]
    except Exception:  # a loss of a plugin may not take fewer rows: its value stands without an interval
        return None
    if found is None or targets.ndim == 2 or not head.has_probabilities:
        return found

    def of_rows(rows: slice, labels: Tensor) -> float:
        return float(loss(scores[rows], labels.to(targets.device)))

    probabilities = head.probabilities(scores.double()).cpu()
    return widest(found, expected_interval(of_rows, value, probabilities, targets.cpu(), UNBOUNDED))


@torch.inference_mode()
def metric_interval(metric: Metric, head: Head, scores: Tensor, targets: Tensor, value: float) -> Interval | None:
    """The interval of a metric beside its value, from scores `(rows, outputs)` and class indices `(rows,)`.

    Accuracy has Wilson's interval, and an accumulator may have an interval of its own. Other metrics have one from
    their values without some of the rows: of labels, from the confusion matrix. None where it is undefined.
    """
    if len(targets) < 2:
        return None
    try:
        if metric.is_accuracy:
            correct = int(head.form.is_correct(head.predict(scores), targets).sum())
            return wilson_interval(correct, len(targets)).covering(value)
        is_labels, targets = metric.response == "labels", targets.cpu()
        predicted = (head.predict(scores) if is_labels else head.probabilities(scores.double())).cpu()
        accumulator = call_build(metric, head=head)
        if isinstance(accumulator, EstimatesInterval):
            return _of_accumulator(accumulator, metric, predicted, targets)
        if is_labels and not head.form.has_thresholds:
            return _of_labels(metric, head, predicted, targets)
        return _of_rows(metric, head, scores.cpu(), predicted, targets, value)
    except Exception:  # a metric of a plugin may not take fewer rows: its value stands without an interval
        return None


def _of_accumulator(
    accumulator: EstimatesInterval, metric: Metric, predicted: Tensor, targets: Tensor
) -> Interval | None:
    accumulator.update(predicted, targets)
    ends = accumulator.interval(CONFIDENCE_LEVEL)
    return None if ends is None else Interval(*map(float, ends)).clip(*metric.range)


def _of_labels(metric: Metric, head: Head, predicted: Tensor, targets: Tensor) -> Interval | None:
    def function(predicted: Tensor, targets: Tensor) -> list[float]:
        return [_compute(call_build(metric, head=head), predicted, targets)]

    return label_intervals(function, predicted, targets, len(head.classes), metric.range)[0]


def _of_rows(
    metric: Metric, head: Head, scores: Tensor, predicted: Tensor, targets: Tensor, value: float
) -> Interval | None:
    def functions(rows: Tensor) -> list[float]:
        return [_compute(call_build(metric, head=head), predicted[rows], targets[rows])]

    def of_rows(rows: slice, labels: Tensor) -> float:
        return _compute(call_build(metric, head=head), predicted[rows], labels)

    keys = row_keys(head, scores, targets)
    found = row_intervals(functions, [value], keys, metric.range, rarest_class_rows(head, targets))[0]
    if found is None or head.form.has_thresholds:
        return found
    return widest(found, expected_interval(of_rows, value, predicted, targets, metric.range))


def _compute(accumulator: MetricAccumulator, predicted: Tensor, targets: Tensor) -> float:
    accumulator.update(predicted, targets)
    return float(accumulator.compute())
