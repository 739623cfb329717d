"""Comparison of trained runs on the same rows."""

from __future__ import annotations

from typing import Any

import torch

from zoo_core.components.contracts import Metric
from zoo_core.data.files.sources import Data
from zoo_core.data.memory.reading import keep_rows
from zoo_core.errors import DataError, RecipeError
from zoo_core.experiments.analysis import Comparison, MeanEstimate, compare_variants, estimate_mean
from zoo_core.experiments.comparison_sentences import SentenceStyle, comparison_sentence
from zoo_core.experiments.results import DEFAULT_MIN_EFFECT, default_metric, finite_ends
from zoo_core.experiments.scoring import BOOTSTRAP_SAMPLES, TrialScores, resolve_metric, score_trial
from zoo_core.messages import join_names
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.runs.predictions import ScoredSplit
from zoo_core.runs.run import Run

MAX_NAMED_CLASSES = 5


def compare_runs(
    *runs: Run,
    data: Data | None = None,
    split: str = "",
    reader: str = "",
    metric: str = "",
    min_effect: float = DEFAULT_MIN_EFFECT,
    bootstrap_samples: int = BOOTSTRAP_SAMPLES,
) -> dict[str, Any]:
    """Compare every run with the first by a paired test; the result is what `zoo compare --json` prints.

    Rows are selected as in `Run.score_split`, and p is corrected for the number of comparisons. The values of a single
    comparison are at the top level as well. Raises RecipeError for fewer than two runs, if they have different class
    sets, or, without `data`, were trained on different data or splits; DataError if they read different labels.
    """
    if len(runs) < 2:
        raise RecipeError(f"expected at least two runs to compare, got {len(runs)}")
    data = keep_rows(data)
    first, names = runs[0], [str(run.folder) for run in runs]
    for run in runs[1:]:
        _require_comparable(first, run, has_data=data is not None)
    metric = metric or default_metric(first.plan)
    with attribute_errors(first.zoo.registry):
        resolved = resolve_metric(first.zoo.registry, metric, [run.plan for run in runs])
        splits = [run.score_split(data, split=split, reader=reader) for run in runs]
        for name, scored in zip(names, splits, strict=True):
            if not torch.equal(splits[0].loss_targets, scored.loss_targets):
                raise DataError(f"{names[0]} and {name} read different labels", where=scored.source)
        scores = [
            {(0, 0): _score_run(run, resolved, scored, bootstrap_samples)}
            for run, scored in zip(runs, splits, strict=True)
        ]
    higher_is_better = resolved is not None and resolved.higher_is_better
    comparisons = compare_variants(names, scores, higher_is_better=higher_is_better, about_components=False)
    rows = "rows" if data is not None and not split else f"{split or 'test'} rows"
    style = SentenceStyle(higher_is_better, higher_is_better, min_effect, rows)
    compared = [_comparison_values(comparison, style) for comparison in comparisons]
    return {
        "metric": metric,
        "rows": comparisons[0].rows,
        "runs": [_run_values(name, estimate_mean(trials)) for name, trials in zip(names, scores, strict=True)],
        **(compared[0] if len(compared) == 1 else {}),
        "comparisons": compared,
    }


def _score_run(run: Run, metric: Metric | None, scored: ScoredSplit, bootstrap_samples: int) -> TrialScores:
    targets = scored.loss_targets
    return score_trial(run.plan, run.head, metric, scored.scores, targets, bootstrap_samples=bootstrap_samples)


def _comparison_values(comparison: Comparison, style: SentenceStyle) -> dict[str, Any]:
    result = comparison.result
    return {
        "run": comparison.variant,
        "baseline": comparison.baseline,
        "difference": result.difference,
        **finite_ends(result.interval, "low", "high"),
        "test": result.test,
        "p": result.p,
        "p_holm": comparison.p_holm,
        "verdict": comparison.verdict,
        "sentence": comparison_sentence(comparison, style),
    }


def _run_values(name: str, estimate: MeanEstimate) -> dict[str, Any]:
    return {"run": name, "mean": estimate.mean, **finite_ends(estimate.interval, "low", "high")}


def _require_comparable(first: Run, other: Run, *, has_data: bool) -> None:
    """Raise RecipeError unless both runs have the same classes and, unless they get other data, the same test rows."""
    hint = "name a file with --data FILE that none of the runs was trained on"
    names = f"{first.folder} and {other.folder}"
    if not has_data:
        data, others = first.summary["data"], other.summary["data"]
        if (data["sha256"], data["origin"]) != (others["sha256"], others["origin"]):
            raise RecipeError(f"{names} were trained on different data", hint=hint)
        if first.plan.split != other.plan.split:
            raise RecipeError(
                f"{names} split their data differently: test rows of one were training rows of the other", hint=hint
            )
    if first.head.classes != other.head.classes:
        raise RecipeError(
            f"{names} have different class sets: {_describe_classes(first)}, and {_describe_classes(other)}"
        )


def _describe_classes(run: Run) -> str:
    return join_names([f'"{name}"' for name in run.head.classes], MAX_NAMED_CLASSES)
