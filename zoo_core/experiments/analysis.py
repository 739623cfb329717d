"""Analysis of a swap: a summary of each variant, and a paired comparison of each with the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from attrs import evolve, frozen

from zoo_core.evaluation.intervals.interval import Interval
from zoo_core.evaluation.quantiles import CONFIDENCE_LEVEL
from zoo_core.experiments import statistics
from zoo_core.experiments.records import TrialRecord
from zoo_core.experiments.scoring import PairKey, TrialScores
from zoo_core.experiments.statistics import FloatArray, PairedResult

Verdict = Literal["better", "worse", "not shown"]
Scope = Literal["components", "models"]
SIGNIFICANCE_LEVEL = 1 - CONFIDENCE_LEVEL


@frozen
class MeanEstimate:
    """The mean metric value of trials, with its confidence interval."""

    mean: float
    interval: Interval


@frozen(eq=False)
class VariantSummary:
    """The mean metric value of a variant over its successful trials, and their mean costs."""

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
    """A variant compared with the baseline.

    `p_holm` is p after Holm's correction. `scope` says what the verdict is about: the components, or only the two
    models at hand, if each was trained once.
    """

    variant: str
    baseline: str
    result: PairedResult
    p_holm: float
    verdict: Verdict
    scope: Scope
    rows: int
    trials: int


def summarize_variant(
    name: str, scores: Mapping[PairKey, TrialScores], records: Sequence[TrialRecord]
) -> VariantSummary | None:
    """Summarize the trials of a variant; None if no trial succeeded."""
    if not scores:
        return None
    done = [record for record in records if record["status"] == "done"]
    estimate = estimate_mean(scores)
    parameters, epochs, seconds = (
        float(np.mean([record[key] for record in done])) for key in ("parameters", "epochs", "seconds")
    )
    failed = len(records) - len(done)
    return VariantSummary(
        name, len(scores), failed, estimate.mean, estimate.interval, round(parameters), epochs, seconds
    )


def estimate_mean(scores: Mapping[PairKey, TrialScores]) -> MeanEstimate:
    """Estimate the mean metric value over folds, over seeds, or over the rows of a single trial."""
    trials = list(scores.values())
    folds = list(_group_by_fold(scores).values())
    if len(folds) == 1 or (len(trials) == 1 and not trials[0].has_samples):
        return MeanEstimate(float(np.mean([trial.value for trial in trials])), Interval(-np.inf, np.inf))
    if folds:
        result = _folds_result(folds, [])
    elif len(trials) > 1:
        values = np.array([trial.value for trial in trials])
        result = statistics.seeds_result(values, rows_variance(trials), rows=trials[0].rows, strict=False)
    else:
        return MeanEstimate(trials[0].value, trials[0].interval or Interval(-np.inf, np.inf))
    return MeanEstimate(result.difference, result.interval.clip(*trials[0].value_range))


def _group_by_fold(scores: Mapping[PairKey, TrialScores]) -> dict[int, list[TrialScores]]:
    """Trials by fold; empty for trials without folds."""
    folds: dict[int, list[TrialScores]] = {}
    for (_, fold), trial in sorted(scores.items(), key=lambda item: item[0]):
        folds.setdefault(fold, []).append(trial)
    return {} if 0 in folds else folds


def _folds_result(folds: Sequence[Sequence[TrialScores]], others: Sequence[Sequence[TrialScores]]) -> PairedResult:
    """The mean value over two or more folds, or the mean difference from other trials of the same folds."""
    means = np.array([np.mean([trial.value for trial in fold]) for fold in folds])
    if others:
        means = statistics.subtract(means, np.array([np.mean([trial.value for trial in fold]) for fold in others]))
    ratio = float(np.mean([fold[0].rows / fold[0].train_rows for fold in folds]))
    return statistics.folds_result(means, ratio, _folds_rows_variance(folds, others or [()] * len(folds)))


def _folds_rows_variance(folds: Sequence[Sequence[TrialScores]], others: Sequence[Sequence[TrialScores]]) -> float:
    """The variance, due to the rows alone, of the mean over folds; 0 if it is unknown."""
    if not all(trial.has_samples for fold in folds for trial in fold):
        return 0.0
    rows = np.array([fold[0].rows for fold in folds])
    if folds[0][0].correct is None:
        return sum(rows_variance(*pair) for pair in zip(folds, others, strict=True)) / len(folds) ** 2
    pooled = np.concatenate([_sampled_difference(*pair) for pair in zip(folds, others, strict=True)])
    return statistics.mean_variance(pooled) * float(np.mean(rows.sum() / rows)) / len(folds)


def _sampled_difference(trials: Sequence[TrialScores], others: Sequence[TrialScores] = ()) -> FloatArray:
    """The mean of trials, less that of others on the same rows, for each row or each bootstrap sample."""
    means = [np.mean([trial.sampled_values() for trial in group], axis=0) for group in (trials, others) if group]
    return statistics.subtract(*means) if others else means[0]


def rows_variance(trials: Sequence[TrialScores], others: Sequence[TrialScores] = ()) -> float:
    """The variance, due to the rows alone, of the mean value of trials minus that of others on the same rows.

    Infinite for a single row.
    """
    difference, rows = _sampled_difference(trials, others), trials[0].rows
    if trials[0].correct is not None or rows < 2:
        return statistics.mean_variance(difference[:rows])
    return float(difference.var(ddof=1)) * rows / (rows - 1)


def paired_result(
    first: Mapping[PairKey, TrialScores], second: Mapping[PairKey, TrialScores]
) -> tuple[PairedResult, int] | None:
    """Compare `first` with `second` over the seeds and folds of both, and count them; None if there are too few."""
    keys = sorted(set(first) & set(second))
    if not keys:
        return None
    folds, other_folds = (list(_group_by_fold({key: own[key] for key in keys}).values()) for own in (first, second))
    first_trials, second_trials = [first[key] for key in keys], [second[key] for key in keys]
    (a, *_), (b, *_) = first_trials, second_trials
    values, other_values = (np.array([trial.value for trial in trials]) for trials in (first_trials, second_trials))
    differences = statistics.subtract(values, other_values)
    if len(folds) == 1:
        return None
    if folds:
        result = _folds_result(folds, other_folds)
    elif len(keys) > 1:
        result = statistics.seeds_result(differences, rows_variance(first_trials, second_trials), rows=a.rows)
    elif a.correct is not None and b.correct is not None:
        result = statistics.mcnemar_result(a.correct, b.correct)
    else:
        samples = _sampled_difference([a], [b])
        result = statistics.bootstrap_result(float(differences[0]), samples, a.rows)
    widest = a.value_range[1] - a.value_range[0]
    return evolve(result, interval=result.interval.clip(-widest, widest)), len(keys)


def compare_variants(
    names: Sequence[str],
    scores: Sequence[Mapping[PairKey, TrialScores]],
    *,
    higher_is_better: bool,
    about_components: bool = True,
) -> list[Comparison]:
    """Compare every variant with the first one, p corrected by Holm over all comparisons.

    A difference is shown if the corrected p is at most 5% and the interval excludes 0. With `about_components` the
    scope of a comparison of several trainings is the components, otherwise the models.
    """
    results = []
    for name, variant_scores in zip(names[1:], scores[1:], strict=True):
        paired = paired_result(variant_scores, scores[0])
        if paired is not None:
            rows = next(iter(variant_scores.values())).rows
            results.append((name, rows, *paired))
    corrected = statistics.holm_correction([result.p for _, _, result, _ in results])
    comparisons = []
    for (name, rows, result, trials), p_holm in zip(results, corrected, strict=True):
        scope: Scope = "components" if about_components and trials > 1 else "models"
        verdict = _verdict(result, p_holm, higher_is_better)
        comparisons.append(Comparison(name, names[0], result, p_holm, verdict, scope, rows, trials))
    return comparisons


def _verdict(result: PairedResult, p_holm: float, higher_is_better: bool) -> Verdict:
    if p_holm <= SIGNIFICANCE_LEVEL and not result.interval.contains(0):
        return "better" if (result.difference > 0) == higher_is_better else "worse"
    return "not shown"
