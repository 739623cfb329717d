"""Choosing the threshold of a run's second class by a metric, and keeping it in the run's folder."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import cast

import torch
from attrs import evolve

from zoo_core.components.contracts import Metric
from zoo_core.components.metric_names import figure_name
from zoo_core.config.structure import component
from zoo_core.errors import DataError, NumericalError, RecipeError
from zoo_core.evaluation.evaluator import better
from zoo_core.messages import listing
from zoo_core.plugins.attribution import faults_of
from zoo_core.recipes.recipe import Recipe
from zoo_core.runs.amend import amend
from zoo_core.runs.predictions import Scored
from zoo_core.runs.run import Run
from zoo_core.runs.threshold import NAME, Choice, Threshold

AT_ONCE = 500  # thresholds that are tried in one round
Span = tuple[float, float]  # thresholds above the first, up to the second, label every row the same


def keep(run: Run, threshold: Threshold) -> Run:
    """The run with this threshold, in its folder as well: whoever opens it has it. 0.5 is what a run begins with.

    RecipeError where a threshold means nothing to the run.
    """
    check(run)
    changed = evolve(run.at(threshold.value), threshold=threshold)
    amend(run.folder, NAME, threshold.to_json())
    return changed


def choose(run: Run, metric: Metric, scored: Scored) -> Threshold:
    """The threshold at which a metric is best over these rows; of equal ones the nearest to 0.5.

    Every threshold that labels the rows differently is tried where there are at most 500; of more, 500 evenly, then
    those around the best. RecipeError for a run without threshold and for a metric that knows none; DataError for
    rows of one class.
    """
    check(run, metric)
    classes = scored.targets.unique().tolist()
    if len(classes) < 2:
        only = run.head.classes[classes[0]]
        raise DataError(f'a threshold cannot be chosen on rows of "{only}" alone', where=scored.source)
    values = run.head.probabilities(scored.scores)[:, 1]  # (rows,)
    if not bool(torch.isfinite(values).all()):
        raise NumericalError("the probabilities are not finite")
    lower = better([metric], name := figure_name(metric))
    judge = run.judge()

    def figure(threshold: float) -> float:
        other = evolve(judge, head=evolve(run.head, threshold=threshold))
        found = float(other.measured(metric, scored.scores, scored.targets))
        if not math.isfinite(found):
            raise NumericalError(f"{name} became {found} at the threshold {threshold:g}")
        return found

    with faults_of(run.zoo.registry):
        value = lowest(spans(values.double().unique().tolist()), lambda at: lower(figure(at)))
        choice = Choice(name, figure(value), scored.source, scored.split, len(scored.targets))
    return Threshold(value, choice)


def metric_named(run: Run, text: str) -> Metric:
    """A metric by what its figure is called in the run's recipe, by its name, or as TOML: `{use = "f1", of = "a"}`."""
    own = {figure_name(metric): metric for metric in run.plan.training.metrics}
    if text in own:
        return own[text]
    raw = text
    if text.lstrip().startswith("{"):
        raw = Recipe("--find-threshold", run.zoo).override(f"metric={text}").merged().values["metric"]
    return cast(Metric, component(run.zoo.registry, "metric", raw))


def check(run: Run, metric: Metric | None = None) -> None:
    """RecipeError for a run that has no threshold, and for a metric that none would change."""
    if not run.head.has_threshold:
        raise RecipeError("a threshold needs two classes and a loss that gives probabilities")
    if metric is not None and metric.needs != "labels":
        fitting = listing(run.zoo.registry.fitting("metric", {"needs": "labels"}))
        raise RecipeError(f'metric "{metric.name}" is the same at every threshold', hint=f"{fitting} would fit")


def spans(values: Sequence[float]) -> list[Span]:
    """Where thresholds differ, for probabilities that are sorted and all different: from "all rows" to "none".

    >>> spans([0.2, 0.6])
    [(-1.0, 0.2), (0.2, 0.6), (0.6, 1.0)]
    """
    return list(pairwise([-1.0, *values, *([1.0] if values[-1] < 1 else [])]))


def inside(span: Span) -> float:
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


def lowest(spans: Sequence[Span], cost: Callable[[float], float]) -> float:
    """The threshold of the least cost; of equal ones the nearest to 0.5. In rounds, each around the best before."""
    while True:
        step = math.ceil(len(spans) / AT_ONCE)
        tried = range(0, len(spans), step)
        at = min(tried, key=lambda i: (cost(inside(spans[i])), abs(inside(spans[i]) - 0.5)))
        if step == 1:
            break
        spans = spans[max(0, at - step + 1) : at + step]
    best = inside(spans[at])
    return 0.5 if cost(0.5) <= cost(best) else best
