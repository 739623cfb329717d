"""Analysis of a swap: a summary of each variant, and a paired comparison of each with the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from attrs import frozen

from zoo_core.experiments import statistics
from zoo_core.experiments.records import TrialRecord
from zoo_core.experiments.scoring import PairKey, TrialScores
from zoo_core.experiments.statistics import FloatArray, Interval, PairedResult

Verdict = Literal["better", "worse", "not shown"]
Scope = Literal["components", "models"]
SIGNIFICANCE_LEVEL = 1 - statistics.CONFIDENCE_LEVEL


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
    folds = _group_by_fold(scores)
    if folds:
        means = np.array([np.mean([trial.value for trial in fold]) for fold in folds.values()])
        if len(means) < 2:
            return MeanEstimate(float(means.mean()), Interval(-np.inf, np.inf))
        result = statistics.folds_result(means, _test_train_ratio(folds))
        return MeanEstimate(result.difference, _clip_accuracy(result.interval, trials))
    if len(trials) > 1:
        values = np.array([trial.value for trial in trials])
        result = statistics.seeds_result(values, rows_variance(trials), strict=False)
        return MeanEstimate(result.difference, _clip_accuracy(result.interval, trials))
    (trial,) = trials
    if trial.correct is not None:
        return MeanEstimate(trial.value, statistics.wilson_interval(int(trial.correct.sum()), trial.rows))
    assert trial.bootstrap_values is not None
    return MeanEstimate(trial.value, statistics.bootstrap_result(trial.value, trial.bootstrap_values).interval)


def _group_by_fold(scores: Mapping[PairKey, TrialScores]) -> dict[int, list[TrialScores]]:
    """Trials by fold; empty for trials without folds."""
    folds: dict[int, list[TrialScores]] = {}
    for (_, fold), trial in sorted(scores.items(), key=lambda item: item[0]):
        folds.setdefault(fold, []).append(trial)
    return {} if 0 in folds else folds


def _clip_accuracy(interval: Interval, trials: Sequence[TrialScores]) -> Interval:
    """The interval of an accuracy lies between 0 and 1."""
    return interval if trials[0].correct is None else interval.clip(0, 1)


def _test_train_ratio(folds: Mapping[int, list[TrialScores]]) -> float:
    """Evaluated rows / training rows, as the corrected t-test needs it."""
    return float(np.mean([fold[0].rows / fold[0].train_rows for fold in folds.values()]))


def rows_variance(trials: Sequence[TrialScores], others: Sequence[TrialScores] = ()) -> float:
    """The variance, due to the rows alone, of the mean value of trials minus that of others on the same rows."""
    means = [np.mean([trial.sampled_values() for trial in group], axis=0) for group in (trials, others) if group]
    difference: FloatArray = means[0] - means[1] if others else means[0]
    variance = float(difference.var(ddof=1)) if len(difference) > 1 else 0.0
    return variance / trials[0].rows if trials[0].correct is not None else variance


def paired_result(
    first: Mapping[PairKey, TrialScores], second: Mapping[PairKey, TrialScores]
) -> tuple[PairedResult, int] | None:
    """Compare `first` with `second` over the seeds and folds of both, and count them; None if there are too few."""
    keys = sorted(set(first) & set(second))
    if not keys:
        return None
    first_trials, second_trials = [first[key] for key in keys], [second[key] for key in keys]
    differences = np.array([a.value - b.value for a, b in zip(first_trials, second_trials, strict=True)])
    folds = _group_by_fold({key: first[key] for key in keys})
    if folds:
        by_fold = [differences[[key[1] == fold for key in keys]] for fold in folds]
        means = np.array([np.mean(fold_differences) for fold_differences in by_fold])
        return (statistics.folds_result(means, _test_train_ratio(folds)), len(keys)) if len(means) > 1 else None
    if len(keys) > 1:
        return statistics.seeds_result(differences, rows_variance(first_trials, second_trials)), len(keys)
    (a,), (b,) = first_trials, second_trials
    if a.correct is not None and b.correct is not None:
        return statistics.mcnemar_result(a.correct, b.correct), 1
    return statistics.bootstrap_result(float(differences[0]), a.sampled_values() - b.sampled_values()), 1


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
