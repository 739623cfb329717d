"""What the cells of a swap come to: a figure with its interval for each choice, and a paired verdict on each but the
first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from attrs import evolve, frozen
from numpy.typing import NDArray
from torch import Tensor

from zoo_core.components.contracts import Metric
from zoo_core.components.head import Head
from zoo_core.components.metric_names import metric_label
from zoo_core.config.structure import build_component
from zoo_core.errors import DataError, RecipeError
from zoo_core.evaluation.evaluator import Evaluator, hard_labels, head_for
from zoo_core.experiments import statistics
from zoo_core.experiments.statistics import FloatArray, Interval, PairedResult
from zoo_core.experiments.trials import TrialRecord, read_scores
from zoo_core.messages import name_hint
from zoo_core.plugins.registry import Registry
from zoo_core.recipes.plan import Plan
from zoo_core.seeds import derive_seed

BOOTSTRAP_SAMPLES = 2000
MetricFunction = Callable[[Tensor, Tensor], float]
PairKey = tuple[int, int]  # seed, fold: what cells of different choices are paired by


@frozen(eq=False)
class TrialScores:
    """One cell's rows: its figure, which rows it got right (for a metric that counts hits), or the figure on rows
    drawn anew `(draws,)`."""

    value: float
    rows: int
    train_rows: int
    correct: NDArray[np.bool_] | None = None
    bootstrap_values: FloatArray | None = None


@frozen(eq=False)
class VariantSummary:
    """A choice: how its figure stands, over how many cells, and what it costs."""

    name: str
    trials: int
    failed: int
    mean: float
    interval: Interval
    parameters: int
    epochs: float
    seconds: float


@frozen(eq=False)
class Comparison:
    """A choice beside the baseline. `corrected` is p after Holm; `speaks` says of what: the parts, or two models."""

    variant: str
    baseline: str
    result: PairedResult
    p_holm: float
    verdict: Literal["better", "worse", "not shown"]
    scope: Literal["components", "models"]
    rows: int
    trials: int


def resolve_metric(registry: Registry, name: str, plans: Sequence[Plan]) -> Metric | None:
    """The metric of this name, None for the loss; RecipeError for one that not all of these can be compared by."""
    if name == "loss":
        if any(plan.loss != plans[0].loss for plan in plans):
            raise RecipeError("different losses cannot be compared by their loss", hint="--metric accuracy")
        return None
    own = next((one for one in plans[0].training.metrics if metric_label(one) == name), None)
    if own is None and name not in registry.names("metric"):
        raise RecipeError(f'there is no metric "{name}"', hint=name_hint(name, ["loss", *registry.names("metric")]))
    metric: Any = own or build_component(registry, "metric", name)
    for plan in plans:
        if metric.response == "probabilities" and plan.loss.link == "none":
            raise RecipeError(f'metric "{name}" needs probabilities, loss "{plan.loss.name}" gives none')
    return metric  # type: ignore[no-any-return]


def metric_function(plan: Plan, head: Head, metric: Metric | None) -> MetricFunction:
    """Scores `(rows, outputs)` and targets `(rows,)` → the figure."""
    judge = Evaluator(head, plan.loss.build(class_weights=None), ())
    if metric is None:
        return lambda scores, targets: float(judge.loss(scores, targets))
    return lambda scores, targets: float(judge.compute_metric(metric, scores, hard_labels(targets)))


def score_trial(
    plan: Plan, head: Head, metric: Metric | None, scores: Tensor, targets: Tensor, *, bootstrap: bool
) -> TrialScores:
    """What a cell's scores come to; on rows drawn anew as well, the same ones for every cell, where asked."""
    with torch.inference_mode():
        figure = metric_function(plan, head, metric)
        value, rows = figure(scores, targets), len(targets)
        if metric is not None and metric.is_accuracy:
            hits = head.predict(scores) == hard_labels(targets)
            return TrialScores(value, rows, 0, correct=hits.numpy())
        if not bootstrap:
            return TrialScores(value, rows, 0)
        random = np.random.default_rng(derive_seed(0, "bootstrap"))
        again = [torch.from_numpy(random.integers(0, rows, rows)) for _ in range(BOOTSTRAP_SAMPLES)]
        return TrialScores(value, rows, 0, bootstrap_values=np.array([figure(scores[at], targets[at]) for at in again]))


def score_trials(
    folder: Path, records: Sequence[TrialRecord], plans: Sequence[Plan], seeds: Sequence[int], metric: Metric | None
) -> list[dict[PairKey, TrialScores]]:
    """For each choice its cells that were done, by seed (counted from the choice's first) and fold.

    DataError where cells that are compared were not judged on the same rows.
    """
    found: list[dict[PairKey, TrialScores]] = [{} for _ in plans]
    truths: dict[PairKey, tuple[Any, Tensor]] = {}
    for record in records:
        if record["status"] != "done":
            continue
        scores, targets = read_scores(folder, record["trial"])
        place = (record["seed"] - seeds[record["variant"]], record["fold"])
        classes, truth = truths.setdefault(place, (record["classes"], targets))
        if classes != record["classes"] or not torch.equal(truth, targets):
            raise DataError(f'"{record["title"]}" was judged on other rows than the others: they cannot be compared')
        plan = plans[record["variant"]]
        own = score_trial(
            plan, head_for(plan.loss, tuple(classes)), metric, scores, targets, bootstrap=not record["fold"]
        )
        found[record["variant"]][place] = evolve(own, train_rows=int(record["rows"]["train"]))
    return found


def summarize_variant(
    name: str, cells: Mapping[PairKey, TrialScores], records: Sequence[TrialRecord]
) -> VariantSummary | None:
    """How a choice stands; None where no cell of it was done."""
    done = [record for record in records if record["status"] == "done"]
    if not cells:
        return None
    interval, mean = _interval(list(cells.values()), _by_fold(cells))
    costs = [float(np.mean([record[key] for record in done])) for key in ("parameters", "epochs", "seconds")]
    failed = len(records) - len(done)
    return VariantSummary(name, len(cells), failed, mean, interval, round(costs[0]), costs[1], costs[2])


def _by_fold(cells: Mapping[PairKey, TrialScores]) -> dict[int, list[TrialScores]]:
    found: dict[int, list[TrialScores]] = {}
    for (_, fold), cell in sorted(cells.items()):
        found.setdefault(fold, []).append(cell)
    return {} if 0 in found else found


def _interval(cells: list[TrialScores], folds: Mapping[int, list[TrialScores]]) -> tuple[Interval, float]:
    values = np.array([cell.value for cell in cells])
    if folds:
        means = np.array([np.mean([cell.value for cell in own]) for own in folds.values()])
        if len(means) < 2:
            return Interval(-np.inf, np.inf), float(means.mean())
        found = statistics.folds_result(means, _ratio(folds))
        return _share(found.interval, cells), found.difference
    if len(cells) > 1:
        found = statistics.seeds_result(values, rows_variance(cells), strict=False)
        return _share(found.interval, cells), found.difference
    (cell,) = cells
    if cell.correct is not None:
        return statistics.wilson_interval(int(cell.correct.sum()), cell.rows), cell.value
    assert cell.bootstrap_values is not None
    return statistics.bootstrap_result(cell.value, cell.bootstrap_values).interval, cell.value


def _share(interval: Interval, cells: Sequence[TrialScores]) -> Interval:
    """An interval of a share ends at 0 and 1."""
    return interval if cells[0].correct is None else interval.clip(0, 1)


def _ratio(folds: Mapping[int, list[TrialScores]]) -> float:
    return float(np.mean([own[0].rows / own[0].train_rows for own in folds.values()]))


def rows_variance(cells: Sequence[TrialScores], others: Sequence[TrialScores] = ()) -> float:
    """The variance, from the rows alone, of the mean figure of cells, less that of others on the same rows."""
    parts = [np.mean([_sampled(cell) for cell in own], axis=0) for own in (cells, others) if own]
    difference = parts[0] - parts[1] if others else parts[0]
    variance = float(difference.var(ddof=1)) if len(difference) > 1 else 0.0
    return variance / cells[0].rows if cells[0].correct is not None else variance


def _sampled(cell: TrialScores) -> FloatArray:
    sample = cell.bootstrap_values if cell.correct is None else cell.correct.astype(np.float64)
    assert sample is not None
    return sample


def paired_result(
    first: Mapping[PairKey, TrialScores], second: Mapping[PairKey, TrialScores]
) -> tuple[PairedResult, int] | None:
    """The first against the second over the places both have, and how many; None where they have too few."""
    places = sorted(set(first) & set(second))
    if not places:
        return None
    one, two = [first[place] for place in places], [second[place] for place in places]
    differences = np.array([a.value - b.value for a, b in zip(one, two, strict=True)])
    folds = _by_fold({place: first[place] for place in places})
    if folds:
        by_fold = [[d for d, place in zip(differences, places, strict=True) if place[1] == fold] for fold in folds]
        means = np.array([np.mean(own) for own in by_fold])
        return (statistics.folds_result(means, _ratio(folds)), len(places)) if len(means) > 1 else None
    if len(places) > 1:
        return statistics.seeds_result(differences, rows_variance(one, two)), len(places)
    if one[0].correct is not None and two[0].correct is not None:
        return statistics.mcnemar_result(one[0].correct, two[0].correct), 1
    return statistics.bootstrap_result(float(differences[0]), _sampled(one[0]) - _sampled(two[0])), 1


def compare_variants(
    names: Sequence[str], cells: Sequence[Mapping[PairKey, TrialScores]], *, higher_is_better: bool, parts: bool = True
) -> list[Comparison]:
    """Every choice against the first, p corrected by Holm for all of them.

    One is better where the corrected p is at most 5 % and the interval leaves out no difference.
    """
    found = [(name, paired_result(own, cells[0]), own) for name, own in zip(names[1:], cells[1:], strict=True)]
    known = [(name, outcome, own) for name, outcome, own in found if outcome is not None]
    corrected = statistics.holm_correction([outcome[0].p for _, outcome, _ in known])
    made = []
    for (name, (outcome, count), own), p in zip(known, corrected, strict=True):
        shown = p <= 1 - statistics.CONFIDENCE_LEVEL and not outcome.interval.contains(0)
        verdict: Any = "not shown"
        if shown:
            verdict = "better" if (outcome.difference > 0) == higher_is_better else "worse"
        speaks: Any = "components" if parts and count > 1 else "models"
        rows = next(iter(own.values())).rows
        made.append(Comparison(name, names[0], outcome, p, verdict, speaks, rows, count))
    return made
