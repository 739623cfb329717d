"""What a decision is chosen for: a metric of labels, with a condition if asked, or the mean cost of mistakes."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

from attrs import evolve, field, frozen
from torch import Tensor

from zoo_core.components.building.call import takes_argument
from zoo_core.components.contracts import Metric
from zoo_core.components.decisions.decision import COST, Costs, LabelThresholds, mean_cost
from zoo_core.components.head import Head
from zoo_core.components.metric_names import metric_label, parse_label
from zoo_core.components.targets.required import require_targets
from zoo_core.config.structure import build_component
from zoo_core.errors import NumericalError, RecipeError
from zoo_core.messages import join_names
from zoo_core.recipes.recipe import Recipe
from zoo_core.runs.run import Run

Key = tuple[float, float]  # how far a condition is missed, and the value, the lower the better


@frozen
class Least:
    """A condition of a decision: a metric is at least `value`."""

    metric: Metric
    value: float


@frozen
class Objective:
    """A metric, or the mean of these costs if it is None; `least` is a condition that comes first."""

    head: Head = field(repr=False)
    metric: Metric | None = None
    costs: Costs = ()
    least: Least | None = None

    @property
    def name(self) -> str:
        """The label of the metric, or "cost"."""
        return COST if self.metric is None else metric_label(self.metric)

    def check(self) -> None:
        """Raise RecipeError for a metric, also that of the condition, of a class that the head does not have."""
        for metric in (self.metric, self.least.metric if self.least else None):
            if metric is not None:
                _build(metric, self.head)

    def of_label(self, name: str) -> Objective | None:
        """This objective of one of several labels by itself; None if the metric is that of another label."""
        head = evolve(self.head, classes=(name,), outputs=1, decision=LabelThresholds())
        if self.metric is not None and not _is_of(self.metric, head):
            return None
        least = self.least if self.least and _is_of(self.least.metric, head) else None
        return evolve(self, head=head, least=least)

    def value(self, predicted: Tensor, targets: Tensor) -> float:
        """The value for predicted class indices `(rows,)`, whose true classes are `targets` `(rows,)`."""
        if self.metric is None:
            return mean_cost(self.costs, predicted, targets)
        return value_of_labels(self.metric, self.head, predicted, targets)

    def lower_is_better(self, value: float) -> float:
        """A value as one that is the lower the better."""
        return -value if self.metric is not None and self.metric.higher_is_better else value

    def key(self, predicted: Tensor, targets: Tensor) -> Key:
        """What the best decision has the lowest of."""
        return self.missing(predicted, targets), self.lower_is_better(self.value(predicted, targets))

    def missing(self, predicted: Tensor, targets: Tensor) -> float:
        """By how much the condition is missed; 0 if it is met."""
        if self.least is None:
            return 0.0
        return max(0.0, self.least.value - value_of_labels(self.least.metric, self.head, predicted, targets))


def value_of_labels(metric: Metric, head: Head, predicted: Tensor, targets: Tensor) -> float:
    """The value of a metric of labels. Raises NumericalError for one that is not finite."""
    accumulator = _build(metric, head)
    accumulator.update(predicted, targets)
    value = float(accumulator.compute())
    if not math.isfinite(value):
        raise NumericalError(f"{metric_label(metric)} became {value} in the search for a decision")
    return value


def _build(metric: Metric, head: Head) -> Any:
    """The accumulator of a metric. Raises RecipeError for the metric of a class that the head does not have."""
    build: Callable[..., Any] = metric.build
    return build(**({"head": head} if _takes_head(metric) else {}))


def _is_of(metric: Metric, head: Head) -> bool:
    """Whether a metric can be computed for these classes: that of another class alone cannot."""
    try:
        _build(metric, head)
    except RecipeError:
        return False
    return True


@lru_cache(maxsize=16)
def _takes_head(metric: Metric) -> bool:
    """Whether the metric is built with the head; looked up once, as a search builds it thousands of times."""
    return takes_argument(metric, "head")


def find_metric(run: Run, text: str) -> Metric:
    """Find a metric by its label, as `f1[macro]`, by its name, or as TOML: `{use = "f1", of = "a"}`."""
    by_label = {metric_label(metric): metric for metric in run.plan.training.metrics}
    if text in by_label:
        return by_label[text]
    classes = {entry.name: cast(type[Metric], entry.cls) for entry in run.zoo.registry.of_kind("metric")}
    raw = parse_label(text, classes) or text
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


def require_decision(run: Run, *metrics: Metric) -> None:
    """Raise RecipeError if a run predicts without probabilities, or a metric does not depend on predictions."""
    if problem := run.head.decision_problem():
        raise RecipeError(problem)
    for metric in metrics:
        require_targets(metric, run.head.targets)
        if metric.response != "labels":
            suitable = join_names(run.zoo.registry.matching("metric", {"response": "labels"}))
            raise RecipeError(f'metric "{metric.name}" is the same at every threshold', hint=f"use one of {suitable}")
