"""Results of a swap: summaries, comparisons and sentences, computed from the records alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from zoo_core.components.metric_names import metric_label
from zoo_core.evaluation.intervals.interval import Interval
from zoo_core.experiments.analysis import Comparison, VariantSummary, compare_variants, summarize_variant
from zoo_core.experiments.comparison_sentences import SentenceStyle, comparison_sentence
from zoo_core.experiments.design import SwapDesign
from zoo_core.experiments.records import TrialRecord
from zoo_core.experiments.reports.conclusion import Conclusion, conclude
from zoo_core.experiments.reports.train_command import train_command
from zoo_core.experiments.scoring import BOOTSTRAP_SAMPLES, resolve_metric, score_trials
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.recipes.plan import Plan

DEFAULT_MIN_EFFECT = 0.005  # half a percentage point
ROW_NOUNS = {"val": "validation rows", "test": "test rows", "fold": "rows"}


@frozen(eq=False)
class SwapResults:
    """The results of a swap. `summaries` has an entry for each variant, `sentences` one for each comparison."""

    design: SwapDesign
    metric: str
    style: SentenceStyle
    records: Sequence[TrialRecord]
    summaries: Sequence[VariantSummary | None]
    comparisons: Sequence[Comparison]
    sentences: Sequence[str]
    conclusion: Conclusion | None = None

    @property
    def failed(self) -> list[TrialRecord]:
        """The records of trials that failed."""
        return [record for record in self.records if record["status"] == "failed"]

    @property
    def exit_code(self) -> int:
        """0, or the exit code of the failed trials; 1 if their codes differ."""
        codes = {int(record["exit_code"]) for record in self.failed}
        return 0 if not codes else codes.pop() if len(codes) == 1 else 1


def summarize_swap(
    design: SwapDesign,
    folder: Path,
    records: Sequence[TrialRecord],
    *,
    metric: str = "",
    min_effect: float = DEFAULT_MIN_EFFECT,
    bootstrap_samples: int = BOOTSTRAP_SAMPLES,
    plugin_files: Sequence[str] = (),
) -> SwapResults:
    """Compute the summary of each variant and each comparison from the records of a swap's trials.

    `plugin_files` are named in the command that trains the best variant.
    """
    variants = design.variants.compatible
    plans, names = [variant.plan for variant in variants], [variant.name for variant in variants]
    registry = design.recipe.zoo.registry
    with attribute_errors(registry):
        metric = metric or default_metric(plans[0])
        resolved = resolve_metric(registry, metric, plans)
        scores = score_trials(folder, records, plans, resolved, bootstrap_samples=bootstrap_samples)
        summaries = [
            summarize_variant(name, scores[index], [record for record in records if record["variant"] == index])
            for index, name in enumerate(names)
        ]
        higher_is_better = resolved is not None and resolved.higher_is_better
        comparisons = compare_variants(names, scores, higher_is_better=higher_is_better) if scores[0] else []
        conclusion = conclude(
            variants,
            summaries,
            scores,
            higher_is_better=higher_is_better,
            command=lambda variant: train_command(variant, design.data, plugin_files),
        )
    style = SentenceStyle(higher_is_better, higher_is_better, min_effect, ROW_NOUNS[design.rows.evaluated_on])
    sentences = [comparison_sentence(comparison, style) for comparison in comparisons]
    return SwapResults(design, metric, style, records, summaries, comparisons, sentences, conclusion)


def default_metric(plan: Plan) -> str:
    """The metric to compare by default: the recipe's first metric, or the loss."""
    return metric_label(plan.training.metrics[0]) if plan.training.metrics else "loss"


def to_dict(results: SwapResults, folder: Path) -> dict[str, Any]:
    """The results as plain values, as `zoo swap --json` prints them."""
    design = results.design
    return {
        "out": str(folder),
        "recipe": design.name,
        "metric": results.metric,
        "higher_is_better": results.style.higher_is_better,
        "evaluated_on": design.rows.evaluated_on,
        "folds": design.rows.folds,
        "group": design.rows.group,
        "seeds": design.seeds,
        "threads": design.threads,
        "variants": variant_rows(results),
        "best": results.conclusion.to_dict() if results.conclusion else None,
        "skipped": [{"variant": name, "reason": reason} for name, reason in design.variants.skipped.items()],
        "failed": [{"trial": record["title"], "reason": record["reason"]} for record in results.failed],
    }


def variant_rows(results: SwapResults) -> list[dict[str, Any]]:
    """A row of the table for each variant: its summary and its comparison with the baseline."""
    comparisons = {
        comparison.variant: _comparison_values(comparison, sentence)
        for comparison, sentence in zip(results.comparisons, results.sentences, strict=True)
    }
    return [
        {"variant": variant.name, **_summary_values(summary), **comparisons.get(variant.name, {})}
        for variant, summary in zip(results.design.variants.compatible, results.summaries, strict=True)
    ]


def _summary_values(summary: VariantSummary | None) -> dict[str, Any]:
    if summary is None:
        return {"trials": 0}
    return {
        "trials": summary.trials,
        "failed": summary.failed,
        "mean": summary.mean,
        **finite_ends(summary.interval, "low", "high"),
        "parameters": summary.parameters,
        "epochs": summary.epochs,
        "seconds": summary.seconds,
    }


def finite_ends(interval: Interval, low: str, high: str) -> dict[str, float]:
    """The ends of an interval under two keys; nothing if an end is infinite."""
    is_finite = math.isfinite(interval.low) and math.isfinite(interval.high)
    return {low: interval.low, high: interval.high} if is_finite else {}


def _comparison_values(comparison: Comparison, sentence: str) -> dict[str, Any]:
    result = comparison.result
    return {
        "baseline": comparison.baseline,
        "difference": result.difference,
        **finite_ends(result.interval, "difference_low", "difference_high"),
        "test": result.test,
        "p": result.p,
        "p_holm": comparison.p_holm,
        "verdict": comparison.verdict,
        "scope": comparison.scope,
        "sentence": sentence,
    }
