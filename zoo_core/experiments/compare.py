"""Comparison of two trained runs on the same rows."""

from __future__ import annotations

from typing import Any

import torch

from zoo_core.data.files.sources import Data
from zoo_core.data.memory.reading import keep_rows
from zoo_core.errors import DataError, RecipeError
from zoo_core.experiments.analysis import MeanEstimate, compare_variants, estimate_mean
from zoo_core.experiments.comparison_sentences import SentenceStyle, comparison_sentence
from zoo_core.experiments.results import DEFAULT_MIN_EFFECT, default_metric, finite_ends
from zoo_core.experiments.scoring import BOOTSTRAP_SAMPLES, resolve_metric, score_trial
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.runs.run import Run


def compare_runs(
    first: Run,
    second: Run,
    data: Data | None = None,
    *,
    split: str = "",
    reader: str = "",
    metric: str = "",
    min_effect: float = DEFAULT_MIN_EFFECT,
    bootstrap_samples: int = BOOTSTRAP_SAMPLES,
) -> dict[str, Any]:
    """Compare `second` with `first` by a paired test; the result is what `zoo compare --json` prints.

    Rows are selected as in `Run.score_split`. Raises RecipeError if the runs have different class sets, or, without a
    file, were trained on different data or splits; DataError if they read different labels from it.
    """
    data = keep_rows(data)
    if data is None:
        _require_same_training_data(first, second)
    if first.head.classes != second.head.classes:
        raise RecipeError("the runs have different class sets")
    runs = (first, second)
    metric = metric or default_metric(first.plan)
    with attribute_errors(first.zoo.registry):
        resolved = resolve_metric(first.zoo.registry, metric, [first.plan, second.plan])
        splits = [run.score_split(data, split=split, reader=reader) for run in runs]
        if not torch.equal(splits[0].loss_targets, splits[1].loss_targets):
            raise DataError("the runs read different labels", where=splits[0].source)
        scores = []
        for run, scored in zip(runs, splits, strict=True):
            trial = score_trial(
                run.plan,
                run.head,
                resolved,
                scored.scores,
                scored.loss_targets,
                bootstrap_samples=bootstrap_samples,
            )
            scores.append({(0, 0): trial})
    higher_is_better = resolved is not None and resolved.higher_is_better
    names = [str(run.folder) for run in runs]
    (comparison,) = compare_variants(names, scores, higher_is_better=higher_is_better, about_components=False)
    rows = "rows" if data is not None and not split else f"{split or 'test'} rows"
    style = SentenceStyle(higher_is_better, higher_is_better, min_effect, rows)
    result = comparison.result
    return {
        "metric": metric,
        "runs": [_run_values(name, estimate_mean(trials)) for name, trials in zip(names, scores, strict=True)],
        "rows": comparison.rows,
        "difference": result.difference,
        **finite_ends(result.interval, "low", "high"),
        "test": result.test,
        "p": result.p,
        "verdict": comparison.verdict,
        "sentence": comparison_sentence(comparison, style),
    }


def _run_values(name: str, estimate: MeanEstimate) -> dict[str, Any]:
    return {"run": name, "mean": estimate.mean, **finite_ends(estimate.interval, "low", "high")}


def _require_same_training_data(first: Run, second: Run) -> None:
    """Raise RecipeError unless both runs have the same test rows."""
    hint = "name a file with --data FILE that neither run was trained on"
    data, other = first.summary["data"], second.summary["data"]
    if (data["sha256"], data["origin"]) != (other["sha256"], other["origin"]):
        raise RecipeError("the runs were trained on different data", hint=hint)
    if first.plan.split != second.plan.split:
        raise RecipeError(
            "the runs split their data differently: test rows of one were training rows of the other", hint=hint
        )
