"""The search for the threshold at which a metric is best, and its storage in the run folder."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, cast

import torch
from attrs import evolve, frozen

from zoo_core.components.contracts import Metric
from zoo_core.components.metric_names import metric_label
from zoo_core.config.structure import build_component
from zoo_core.errors import DataError, NumericalError, RecipeError
from zoo_core.evaluation.evaluator import lower_is_better_key
from zoo_core.messages import join_names, pluralize
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.recipes.recipe import Recipe
from zoo_core.runs.amend import amend_run
from zoo_core.runs.predictions import ScoredSplit
from zoo_core.runs.run import Run
from zoo_core.runs.threshold import THRESHOLD_FILE, Threshold, ThresholdChoice

THRESHOLDS_PER_ROUND = 500
ThresholdInterval = tuple[float, float]  # thresholds above the first number, up to the second, label all rows alike


def save_threshold(run: Run, threshold: Threshold) -> Run:
    """Store a threshold in the run folder and return the run with it. Every run starts with 0.5.

    Raises RecipeError if the run has no threshold.
    """
    require_threshold(run)
    changed = evolve(run.with_threshold(threshold.value), threshold=threshold)
    amend_run(run.folder, THRESHOLD_FILE, threshold.to_json())
    return changed


@frozen
class Least:
    """A condition of a threshold: a metric is at least `value`."""

    metric: Metric
    value: float


def find_threshold(run: Run, metric: Metric, scored: ScoredSplit, least: Least | None = None) -> Threshold:
    """Find the threshold at which a metric is best over these rows; of equal ones the nearest to 0.5.

    With `least`, only among those that meet this condition. Tries every threshold that labels the rows differently if
    there are at most 500; otherwise 500 evenly spaced ones, then those around the best. Raises RecipeError if the run
    has no threshold, a metric does not depend on it, or no threshold meets the condition; DataError for rows of only
    one class.
    """
    require_threshold(run, metric)
    if least:
        require_threshold(run, least.metric)
    classes = scored.targets.unique().tolist()
    if len(classes) < 2:
        only = run.head.classes[classes[0]]
        raise DataError(f'a threshold cannot be chosen on rows of "{only}" alone', where=scored.source)
    probabilities = run.head.probabilities(scored.scores)[:, 1]  # (rows,)
    if not bool(torch.isfinite(probabilities).all()):
        raise NumericalError("the probabilities are not finite")
    lower_is_better = lower_is_better_key([metric], name := metric_label(metric))
    evaluator = run.evaluator()

    def value_at(threshold: float, metric: Metric = metric) -> float:
        at_threshold = evolve(evaluator, head=evolve(run.head, threshold=threshold))
        value = float(at_threshold.compute_metric(metric, scored.scores, scored.targets))
        if not math.isfinite(value):
            raise NumericalError(f"{metric_label(metric)} became {value} at the threshold {threshold:g}")
        return value

    def cost(threshold: float) -> tuple[float, float]:
        missing = max(0.0, least.value - value_at(threshold, least.metric)) if least else 0.0
        return missing, lower_is_better(value_at(threshold))

    with attribute_errors(run.zoo.registry):
        best = search(threshold_intervals(probabilities.double().unique().tolist()), cost)
        choice = ThresholdChoice(name, value_at(best), scored.source, scored.split, len(scored.targets))
        if least:
            reached = value_at(best, least.metric)
            _require_reached(least, reached, best, scored)
            name = metric_label(least.metric)
            choice = evolve(choice, least_metric=name, least_value=least.value, least_reached=reached)
    return Threshold(best, choice)


def _require_reached(least: Least, reached: float, best: float, scored: ScoredSplit) -> None:
    """Raise RecipeError, with the best value that can be reached, if a condition is not met."""
    if reached < least.value:
        name = metric_label(least.metric)
        rows = pluralize(len(scored.targets), "row")
        message = (
            f"no threshold has {name} of at least {least.value:g}: the best is {reached:.4f} at {best:g}, on {rows}"
        )
        raise RecipeError(message, where=scored.source, hint=f"ask for {math.floor(reached * 1000) / 1000:g} or less")


def values_at_threshold(run: Run, scored: ScoredSplit, metrics: Sequence[Metric]) -> dict[str, float]:
    """The accuracy and these metrics at the threshold of a run, without those that its recipe has."""
    evaluator, targets = run.evaluator(), scored.targets
    known = {metric_label(metric) for metric in run.plan.training.metrics}
    values = {}
    if not any(metric.is_accuracy for metric in run.plan.training.metrics):
        values["accuracy"] = float((run.head.predict(scored.scores) == targets).double().mean())
    for metric in metrics:
        if (label := metric_label(metric)) not in known:
            values[label] = float(evaluator.compute_metric(metric, scored.scores, targets))
    return values


def find_metric(run: Run, text: str) -> Metric:
    """Find a metric by its label in the run's recipe, by its name, or as TOML: `{use = "f1", of = "a"}`."""
    by_label = {metric_label(metric): metric for metric in run.plan.training.metrics}
    if text in by_label:
        return by_label[text]
    raw = text
    if text.lstrip().startswith("{"):
        raw = Recipe("--find-threshold", run.zoo).with_assignments(f"metric={text}").merged().values["metric"]
    return cast(Metric, build_component(run.zoo.registry, "metric", raw))


def parse_least(run: Run, text: str) -> Least:
    """Parse a condition, as in `recall=0.9`; the metric is named as in `find_metric`."""
    name, separator, number = text.rpartition("=")
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not separator or not name.strip() or not math.isfinite(value):
        raise RecipeError(f'invalid condition "{text}"', hint="expected a metric and a number, as in recall=0.9")
    return Least(find_metric(run, name.strip()), value)


def require_threshold(run: Run, metric: Metric | None = None) -> None:
    """Raise RecipeError if a run has no threshold, or the metric is the same at every threshold."""
    if problem := run.head.threshold_problem():
        raise RecipeError(problem)
    if metric is not None and metric.response != "labels":
        suitable = join_names(run.zoo.registry.matching("metric", {"response": "labels"}))
        raise RecipeError(f'metric "{metric.name}" is the same at every threshold', hint=f"use one of {suitable}")


def threshold_intervals(values: Sequence[float]) -> list[ThresholdInterval]:
    """The intervals in which thresholds label all rows alike, for sorted, distinct probabilities.

    >>> threshold_intervals([0.2, 0.6])
    [(-1.0, 0.2), (0.2, 0.6), (0.6, 1.0)]
    """
    return list(pairwise([-1.0, *values, *([1.0] if values[-1] < 1 else [])]))


def pick_threshold(interval: ThresholdInterval) -> float:
    """A threshold of an interval: 0.5 if it contains that, else a number of few digits near the middle.

    >>> [pick_threshold(interval) for interval in threshold_intervals([0.213, 0.374, 0.6])]
    [0.0, 0.3, 0.5, 1.0]
    """
    low, high = interval
    if low < 0.5 <= high:
        return 0.5
    if low < 0 or high == 1:
        return 0.0 if low < 0 else 1.0
    middle = (low + high) / 2
    rounded = (round(middle, digits) for digits in range(1, 17))
    return next((value for value in rounded if low < value < high), middle)


def search(intervals: Sequence[ThresholdInterval], cost: Callable[[float], Any]) -> float:
    """The threshold of the lowest cost; of equal ones the nearest to 0.5. Each round searches around the last best."""
    while True:
        step = math.ceil(len(intervals) / THRESHOLDS_PER_ROUND)
        candidates = range(0, len(intervals), step)
        thresholds = {index: pick_threshold(intervals[index]) for index in candidates}
        best = min(candidates, key=lambda index: (cost(thresholds[index]), abs(thresholds[index] - 0.5)))
        if step == 1:
            break
        intervals = intervals[max(0, best - step + 1) : best + step]
    return 0.5 if cost(0.5) <= cost(thresholds[best]) else thresholds[best]
