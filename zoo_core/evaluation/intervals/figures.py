"""The figures of a split: loss and metrics with intervals, the majority's share, the same without leaked rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen
from torch import Tensor

from zoo_core.components.decisions.decision import COST
from zoo_core.components.head import Head
from zoo_core.evaluation.evaluator import Evaluator
from zoo_core.evaluation.intervals.interval import Interval, interval_list, wilson_interval
from zoo_core.evaluation.intervals.labels import label_intervals


@frozen
class Majority:
    """The most frequent class or label set of some rows, and its `share`: the accuracy of always answering it."""

    label: str
    share: float
    interval: Interval | None

    def to_dict(self) -> dict[str, Any]:
        """The majority as JSON has it."""
        return {"label": self.label, "share": self.share, "interval": interval_list(self.interval)}


@frozen
class Figures:
    """What a model's scores of some rows come to. `intervals` are those of `metrics`, None where one is undefined.

    `leaked` rows have texts that an earlier split has, too; `without_leaked` has the figures of the others, None if
    there are no leaked rows, or no others.
    """

    rows: int
    metrics: Mapping[str, float]
    intervals: Mapping[str, Interval | None]
    majority: Majority | None
    leaked: int = 0
    without_leaked: Figures | None = None

    def interval_lists(self) -> dict[str, list[float] | None]:
        """The intervals as JSON has them."""
        return {name: interval_list(interval) for name, interval in self.intervals.items()}

    def without_leaked_dict(self) -> dict[str, Any]:
        """The figures without leaked rows as JSON has them; empty if no rows are leaked."""
        if not self.leaked:
            return {}
        rest = self.without_leaked
        found = {"leaked": self.leaked, "rows": rest.rows if rest else 0}
        if rest is None:
            return {**found, "metrics": {}, "intervals": {}, "majority": None}
        majority = rest.majority.to_dict() if rest.majority else None
        return {**found, "metrics": dict(rest.metrics), "intervals": rest.interval_lists(), "majority": majority}

    def details(self) -> dict[str, Any]:
        """All that JSON has beside the metrics: `intervals`, `majority`, and `without_leaked` if rows are leaked."""
        found = {"intervals": self.interval_lists(), "majority": self.majority.to_dict() if self.majority else None}
        return found | ({"without_leaked": self.without_leaked_dict()} if self.leaked else {})


def compute_figures(evaluator: Evaluator, scores: Tensor, targets: Tensor, leaked: Tensor | None = None) -> Figures:
    """The figures of scores `(rows, outputs)` and targets, `(rows,)` or `(rows, classes)`; `leaked` `(rows,)` is bool.

    Raises NumericalError for a metric that is NaN or infinite.
    """
    metrics = evaluator.from_scores(scores, targets)
    intervals = evaluator.intervals(scores, targets, metrics)
    labels = evaluator.head.form.labels(targets)
    if evaluator.head.decision.costs:
        metrics[COST], intervals[COST] = _mean_cost(evaluator.head, scores, labels)
    majority = find_majority(evaluator.head, labels)
    count = 0 if leaked is None else int(leaked.sum())
    if leaked is None or not count:
        return Figures(len(targets), metrics, intervals, majority)
    kept = (~leaked).to(scores.device)
    rest = compute_figures(evaluator, scores[kept], targets[kept]) if bool(kept.any()) else None
    return Figures(len(targets), metrics, intervals, majority, count, rest)


def _mean_cost(head: Head, scores: Tensor, targets: Tensor) -> tuple[float, Interval | None]:
    """The mean cost of the predictions of scores `(rows, outputs)`, with its interval."""
    costs = [cost for row in head.decision.costs for cost in row]
    predicted, targets = head.predict(scores).cpu(), targets.cpu()

    def function(predicted: Tensor, targets: Tensor) -> list[float]:
        return [head.decision.mean_cost(predicted, targets)]

    [interval] = label_intervals(function, predicted, targets, len(head.classes), (min(costs), max(costs)))
    return head.decision.mean_cost(predicted, targets), interval


def find_majority(head: Head, targets: Tensor) -> Majority | None:
    """The most frequent class, or set of labels, of these labels; None for no rows."""
    if not len(targets):
        return None
    answer, rows = head.form.best_constant(targets), len(targets)
    count = int(head.form.is_correct(answer, targets).sum())
    interval = wilson_interval(count, rows) if rows > 1 else None
    return Majority(head.form.describe(answer[0], head.classes), count / rows, interval)


def summarize_figures(figures: Mapping[str, Figures]) -> dict[str, dict[str, Any]]:
    """The figures of splits, by name, as the summary of a run has them: `metrics`, `intervals` and so on, by split."""
    return {
        "metrics": {split: dict(found.metrics) for split, found in figures.items()},
        "intervals": {split: found.interval_lists() for split, found in figures.items()},
        "majority": {split: found.majority.to_dict() for split, found in figures.items() if found.majority},
        "without_leaked": {split: found.without_leaked_dict() for split, found in figures.items() if found.leaked},
    }
