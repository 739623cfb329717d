"""Choosing the threshold of a run's second class by a metric, and keeping it in the run's folder."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import cast

import torch
from attrs import evolve

from zoo_core.components.contracts import Metric
from zoo_core.components.metric_names import metric_label
from zoo_core.config.structure import build_component
from zoo_core.errors import DataError, NumericalError, RecipeError
from zoo_core.evaluation.evaluator import lower_is_better_key
from zoo_core.messages import join_names
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.recipes.recipe import Recipe
from zoo_core.runs.amend import amend_run
from zoo_core.runs.predictions import ScoredSplit
from zoo_core.runs.run import Run
from zoo_core.runs.threshold import THRESHOLD_FILE, Threshold, ThresholdChoice

THRESHOLDS_PER_ROUND = 500  # thresholds that are tried in one round
Span = tuple[float, float]  # thresholds above the first, up to the second, label every row the same


def save_threshold(run: Run, threshold: Threshold) -> Run:
    """The run with this threshold, in its folder as well: whoever opens it has it. 0.5 is what a run begins with.

    RecipeError where a threshold means nothing to the run.
    """
    require_threshold(run)
    changed = evolve(run.with_threshold(threshold.value), threshold=threshold)
    amend_run(run.folder, THRESHOLD_FILE, threshold.to_json())
    return changed


def find_threshold(run: Run, metric: Metric, scored: ScoredSplit) -> Threshold:
    """The threshold at which a metric is best over these rows; of equal ones the nearest to 0.5.

    Every threshold that labels the rows differently is tried where there are at most 500; of more, 500 evenly, then
    those around the best. RecipeError for a run without threshold and for a metric that knows none; DataError for
    rows of one class.
    """
    require_threshold(run, metric)
    classes = scored.targets.unique().tolist()
    if len(classes) < 2:
        only = run.head.classes[classes[0]]
        raise DataError(f'a threshold cannot be chosen on rows of "{only}" alone', where=scored.source)
    values = run.head.probabilities(scored.scores)[:, 1]  # (rows,)
    if not bool(torch.isfinite(values).all()):
        raise NumericalError("the probabilities are not finite")
    lower = lower_is_better_key([metric], name := metric_label(metric))
    judge = run.evaluator()

    def figure(threshold: float) -> float:
        other = evolve(judge, head=evolve(run.head, threshold=threshold))
        found = float(other.compute_metric(metric, scored.scores, scored.targets))
        if not math.isfinite(found):
            raise NumericalError(f"{name} became {found} at the threshold {threshold:g}")
        return found

    with attribute_errors(run.zoo.registry):
        value = search(threshold_intervals(values.double().unique().tolist()), lambda at: lower(figure(at)))
        choice = ThresholdChoice(name, figure(value), scored.source, scored.split, len(scored.targets))
    return Threshold(value, choice)


def find_metric(run: Run, text: str) -> Metric:
    """A metric by what its figure is called in the run's recipe, by its name, or as TOML: `{use = "f1", of = "a"}`."""
    own = {metric_label(metric): metric for metric in run.plan.training.metrics}
    if text in own:
        return own[text]
    raw = text
    if text.lstrip().startswith("{"):
        raw = Recipe("--find-threshold", run.zoo).override(f"metric={text}").merged().values["metric"]
    return cast(Metric, build_component(run.zoo.registry, "metric", raw))


def require_threshold(run: Run, metric: Metric | None = None) -> None:
    """RecipeError for a run that has no threshold, and for a metric that none would change."""
    if not run.head.has_threshold:
        raise RecipeError("a threshold needs two classes and a loss that gives probabilities")
    if metric is not None and metric.response != "labels":
        fitting = join_names(run.zoo.registry.matching("metric", {"response": "labels"}))
        raise RecipeError(f'metric "{metric.name}" is the same at every threshold', hint=f"{fitting} would fit")


def threshold_intervals(values: Sequence[float]) -> list[Span]:
    """Where thresholds differ, for probabilities that are sorted and all different: from "all rows" to "none".

    >>> spans([0.2, 0.6])
    [(-1.0, 0.2), (0.2, 0.6), (0.6, 1.0)]
    """
    return list(pairwise([-1.0, *values, *([1.0] if values[-1] < 1 else [])]))


def pick_threshold(span: Span) -> float:
    """A threshold of a span: 0.5 if that is one, else one of few digits, near the middle.

    >>> [inside(span) for span in spans([0.213, 0.374, 0.6])]
    [0.0, 0.3, 0.5, 1.0]
    """
    low, high = span
    if low < 0.5 <= high:
        return 0.5
    if low < 0 or high == 1:
        return 0.0 if low < 0 else 1.0
    middle = (low + high) / 2
    short = (round(middle, digits) for digits in range(1, 17))
    return next((value for value in short if low < value < high), middle)


def search(spans: Sequence[Span], cost: Callable[[float], float]) -> float:
    """The threshold of the least cost; of equal ones the nearest to 0.5. In rounds, each around the best before."""
    while True:
        step = math.ceil(len(spans) / THRESHOLDS_PER_ROUND)
        tried = range(0, len(spans), step)
        at = min(tried, key=lambda i: (cost(pick_threshold(spans[i])), abs(pick_threshold(spans[i]) - 0.5)))
        if step == 1:
            break
        spans = spans[max(0, at - step + 1) : at + step]
    best = pick_threshold(spans[at])
    return 0.5 if cost(0.5) <= cost(best) else best
