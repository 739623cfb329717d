"""Scores of trials: the metric value of each trial, and the values per row or per bootstrap sample for paired tests."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from attrs import evolve, frozen
from numpy.typing import NDArray
from torch import Tensor

from zoo_core.components.contracts import Metric
from zoo_core.components.head import Head
from zoo_core.components.metric_names import metric_label
from zoo_core.components.protocols import FittedCalibration
from zoo_core.components.targets.required import require_targets
from zoo_core.config.structure import build_component
from zoo_core.errors import DataError, RecipeError, RunFolderError
from zoo_core.evaluation.evaluator import build_evaluation_loss, compute_metric, head_for
from zoo_core.evaluation.intervals.interval import Interval, wilson_interval
from zoo_core.evaluation.intervals.metrics import loss_interval, metric_interval
from zoo_core.experiments.records import TrialRecord, read_scores, scores_path
from zoo_core.experiments.statistics import FloatArray
from zoo_core.messages import name_hint
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.plan import Plan
from zoo_core.runs.calibration.by_label import restore_calibration
from zoo_core.seeds import derive_seed

BOOTSTRAP_SAMPLES = 2000
FOLD_SAMPLES = 200  # of each fold, which only a variance is computed from
MetricFunction = Callable[[Tensor, Tensor], float]
PairKey = tuple[int, int]  # seed (counted from the variant's first) and fold: pairs trials of different variants


@frozen(eq=False)
class TrialScores:
    """The metric value of one trial over `rows` rows, after training on `train_rows`.

    `correct` `(rows,)` says which rows were classified correctly, for a metric that is accuracy; otherwise
    `bootstrap_values` `(samples,)` are the values on resampled rows, if requested. `value_range` has the lowest and the
    highest value that the metric can have. `interval` is that of the value alone, as `zoo evaluate` has it, None where
    it is undefined or was not requested.
    """

    value: float
    rows: int
    train_rows: int
    correct: NDArray[np.bool_] | None = None
    bootstrap_values: FloatArray | None = None
    value_range: tuple[float, ...] = (-math.inf, math.inf)
    interval: Interval | None = None

    @property
    def has_samples(self) -> bool:
        """Whether there are values per row or per bootstrap sample."""
        return self.correct is not None or self.bootstrap_values is not None

    def sampled_values(self) -> FloatArray:
        """A value per row for accuracy, per bootstrap sample otherwise."""
        values = self.bootstrap_values if self.correct is None else self.correct.astype(np.float64)
        assert values is not None
        return values


def resolve_metric(registry: Registry, name: str, plans: Sequence[Plan]) -> Metric | None:
    """Find the metric to compare by; None for the loss. Raises RecipeError if it does not apply to every plan."""
    if name == "loss":
        if any(plan.loss != plans[0].loss for plan in plans):
            raise RecipeError("variants with different losses cannot be compared by loss", hint="--metric accuracy")
        return None
    from_recipe = next((metric for metric in plans[0].training.metrics if metric_label(metric) == name), None)
    if from_recipe is None and name not in registry.names("metric"):
        raise RecipeError(f'unknown metric "{name}"', hint=name_hint(name, ["loss", *registry.names("metric")]))
    metric: Any = from_recipe or build_component(registry, "metric", name)
    for plan in plans:
        require_targets(metric, plan.task.targets)
        if metric.response == "probabilities" and plan.loss.link == "none":
            raise RecipeError(f'metric "{name}" needs probabilities, and loss "{plan.loss.name}" gives none')
    return metric  # type: ignore[no-any-return]


def metric_function(plan: Plan, head: Head, metric: Metric | None) -> MetricFunction:
    """The function from scores `(rows, outputs)` and targets `(rows,)` to the metric value; None is the loss."""
    if metric is None:
        loss = build_evaluation_loss(plan.loss, head)
        return lambda scores, targets: float(loss(scores, targets))
    return lambda scores, targets: float(compute_metric(metric, head, scores, head.form.labels(targets)))


def score_trial(
    plan: Plan, head: Head, metric: Metric | None, scores: Tensor, targets: Tensor, *, bootstrap_samples: int
) -> TrialScores:
    """Compute the metric of a trial's scores, and its values on resampled rows unless the metric is accuracy.

    The resampled rows are the same for every trial. No samples are drawn if `bootstrap_samples` is 0.
    """
    with torch.inference_mode():
        function = metric_function(plan, head, metric)
        value, rows = function(scores, targets), len(targets)
        if metric is not None and metric.is_accuracy:
            correct = head.form.is_correct(head.predict(scores), head.form.labels(targets))
            of_accuracy = wilson_interval(int(correct.sum()), rows)
            return TrialScores(value, rows, 0, correct=correct.numpy(), value_range=(0.0, 1.0), interval=of_accuracy)
        value_range = (-math.inf, math.inf) if metric is None else metric.range
        if not bootstrap_samples:
            return TrialScores(value, rows, 0, value_range=value_range)
        random = np.random.default_rng(derive_seed(0, "bootstrap"))
        samples = [torch.from_numpy(random.integers(0, rows, rows)) for _ in range(bootstrap_samples)]
        values = np.array([function(scores[sample], targets[sample]) for sample in samples])
        if metric is None:
            interval = loss_interval(head, build_evaluation_loss(plan.loss, head), scores, targets, value)
        else:
            interval = metric_interval(metric, head, scores, head.form.labels(targets), value)
        return TrialScores(value, rows, 0, bootstrap_values=values, value_range=value_range, interval=interval)


def score_trials(
    folder: Path,
    records: Sequence[TrialRecord],
    plans: Sequence[Plan],
    metric: Metric | None,
    *,
    bootstrap_samples: int = BOOTSTRAP_SAMPLES,
) -> list[dict[PairKey, TrialScores]]:
    """Score the successful trials of each variant, by seed and fold.

    Raises DataError if trials that are compared were not evaluated on the same rows.
    """
    by_variant: list[dict[PairKey, TrialScores]] = [{} for _ in plans]
    expected: dict[PairKey, tuple[Any, Tensor]] = {}
    for record in records:
        if record["status"] != "done":
            continue
        scores, targets = read_scores(folder, record)
        plan = plans[record["variant"]]
        key = (record["seed"] - plan.training.seed, record["fold"])
        classes, expected_targets = expected.setdefault(key, (record["classes"], targets))
        if classes != record["classes"] or not torch.equal(expected_targets, targets):
            raise DataError(f'"{record["title"]}" was evaluated on other rows than the other trials')
        samples = min(bootstrap_samples, FOLD_SAMPLES) if record["fold"] else bootstrap_samples
        head = head_for(plan.loss, tuple(classes), tuple(record.get("class_counts", ())), targets=plan.task.targets)
        if scores.shape[1] != head.outputs:
            message = f"invalid scores of a trial: got {scores.shape[1]} outputs, expected {head.outputs}"
            raise RunFolderError(message, where=str(scores_path(folder, record["trial"])))
        head = evolve(head, calibration=_restore_calibration(plan, head, record, folder))
        scored = score_trial(plan, head, metric, scores, targets, bootstrap_samples=samples)
        by_variant[record["variant"]][key] = evolve(scored, train_rows=int(record["rows"]["train"]))
    return by_variant


def _restore_calibration(plan: Plan, head: Head, record: TrialRecord, folder: Path) -> FittedCalibration | None:
    """The calibration of a trial; None for one without, and in records of versions that did not calibrate."""
    state = record.get("calibration")
    if state is None or not plan.calibrator.calibrates:
        return None
    try:
        return restore_calibration(plan.calibrator, head, state)
    except ValueError as error:
        where = str(scores_path(folder, record["trial"]))
        raise RunFolderError(f"the calibration of a trial cannot be restored: {error}", where=where) from None
