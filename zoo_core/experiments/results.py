"""The answer of a swap: worked out from the records alone, and written as tables and a report."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from zoo_core.components.metric_names import metric_label
from zoo_core.experiments import analysis
from zoo_core.experiments.analysis import Comparison, VariantSummary
from zoo_core.experiments.design import SwapDesign
from zoo_core.experiments.trials import TrialRecord
from zoo_core.experiments.wording import SentenceStyle, comparison_sentence
from zoo_core.filesystem import write
from zoo_core.messages import pluralize
from zoo_core.plugins.attribution import attribute_errors
from zoo_core.runs import store

DEFAULT_MIN_EFFECT = 0.005  # the difference one would like to see, where nothing says otherwise: half a point


@frozen(eq=False)
class SwapResults:
    """What a swap came to. `sentences` has one for each comparison."""

    design: SwapDesign
    metric: str
    style: SentenceStyle
    records: Sequence[TrialRecord]
    summaries: Sequence[VariantSummary | None]
    comparisons: Sequence[Comparison]
    sentences: Sequence[str]

    @property
    def failed(self) -> list[TrialRecord]:
        """The cells that could not be trained."""
        return [record for record in self.records if record["status"] == "failed"]

    @property
    def exit_code(self) -> int:
        """0, or that of the cells that failed; 1 where they failed in different ways."""
        codes = {int(record["exit_code"]) for record in self.failed}
        return 0 if not codes else codes.pop() if len(codes) == 1 else 1


def summarize_swap(
    design: SwapDesign,
    folder: Path,
    records: Sequence[TrialRecord],
    *,
    metric: str = "",
    min_effect: float = DEFAULT_MIN_EFFECT,
) -> SwapResults:
    """Work out every figure and every verdict from the records of a swap's cells."""
    recipe = design.recipe
    plans = [choice.recipe.plan() for choice in design.variants.compatible]
    names = [choice.name for choice in design.variants.compatible]
    with attribute_errors(recipe.zoo.registry):
        name = metric or default_metric(plans[0])
        chosen = analysis.resolve_metric(recipe.zoo.registry, name, plans)
        seeds = [plan.training.seed for plan in plans]
        cells = analysis.score_trials(folder, records, plans, seeds, chosen)
        own = [[one for one in records if one["variant"] == number] for number in range(len(names))]
        standings = [analysis.summarize_variant(*one) for one in zip(names, cells, own, strict=True)]
        higher = chosen is not None and chosen.higher_is_better
        comparisons = analysis.compare_variants(names, cells, higher_is_better=higher) if cells[0] else []
    rows = {"val": "validation rows", "test": "test rows", "fold": "rows"}[design.rows.evaluated_on]
    words = SentenceStyle(higher, higher, min_effect, rows)
    told = [comparison_sentence(one, words) for one in comparisons]
    return SwapResults(design, name, words, records, standings, comparisons, told)


def default_metric(plan: Any) -> str:
    """What is compared where nobody says: the recipe's first metric, or the loss."""
    return metric_label(plan.training.metrics[0]) if plan.training.metrics else "loss"


def to_dict(results: SwapResults, folder: Path) -> dict[str, Any]:
    """All of it as plain values."""
    design = results.design
    return {
        "out": str(folder),
        "recipe": design.recipe.name,
        "metric": results.metric,
        "better": "higher" if results.style.higher_is_better else "lower",
        "evaluated_on": design.rows.evaluated_on,
        "folds": design.rows.folds,
        "group": design.rows.group,
        "seeds": design.seeds,
        "threads": design.threads,
        "variants": _choices(results),
        "skipped": [{"variant": name, "reason": reason} for name, reason in design.variants.skipped.items()],
        "failed": [{"trial": one["title"], "reason": one["reason"]} for one in results.failed],
    }


def _choices(results: SwapResults) -> list[dict[str, Any]]:
    compared = {one.variant: (one, told) for one, told in zip(results.comparisons, results.sentences, strict=True)}
    found = []
    for choice, standing in zip(results.design.variants.compatible, results.summaries, strict=True):
        row: dict[str, Any] = {"variant": choice.name}
        row |= _of_standing(standing)
        if choice.name in compared:
            row |= _of_comparison(*compared[choice.name])
        found.append(row)
    return found


def _of_standing(one: VariantSummary | None) -> dict[str, Any]:
    if one is None:
        return {"trials": 0}
    found = {"trials": one.trials, "failed": one.failed, "mean": one.mean}
    if math.isfinite(one.interval.low):
        found |= {"low": one.interval.low, "high": one.interval.high}
    return {**found, "parameters": one.parameters, "epochs": one.epochs, "seconds": one.seconds}


def _of_comparison(one: Comparison, told: str) -> dict[str, Any]:
    found = one.result
    return {
        "baseline": one.baseline,
        "difference": found.difference,
        "difference_low": found.interval.low,
        "difference_high": found.interval.high,
        "test": found.test,
        "p": found.p,
        "p_holm": one.p_holm,
        "verdict": one.verdict,
        "scope": one.scope,
        "sentence": told,
    }


COLUMNS = (
    *("variant", "trials", "failed", "mean", "low", "high", "baseline", "difference", "difference_low"),
    *("difference_high", "test", "p", "p_holm", "verdict", "scope", "parameters", "epochs", "seconds"),
)
TRIAL_COLUMNS = ("trial", "variant", "seed", "fold", "status", "epochs", "best_epoch", "parameters", "seconds")


def write_tables(results: SwapResults, folder: Path) -> None:
    """`trials.csv`, `table.csv`, `report.txt`, and `table.json` last, each whole or not at all."""
    told = to_dict(results, folder)
    names = [choice.name for choice in results.design.variants.compatible]
    figures = sorted({name for one in results.records for name in one.get("metrics", ())})
    cells = [{**one, "variant": names[one["variant"]], **one.get("metrics", {})} for one in results.records]
    write(folder / "trials.csv", _csv([*TRIAL_COLUMNS, *figures, "reason"], cells))
    write(folder / "table.csv", _csv(COLUMNS, told["variants"]))
    write(folder / "report.txt", ("\n".join(report_lines(results)) + "\n").encode())
    write(folder / "table.json", store.to_json({key: value for key, value in told.items() if key != "out"}))


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def report_lines(results: SwapResults, *, choices: bool = True) -> list[str]:
    """The whole answer as lines for people; without `choices`, what a table of them does not say."""
    design = results.design
    judged = {"val": "the validation split", "test": "the test split", "fold": f"{design.rows.folds} folds"}
    rows = {one["rows"].get(design.rows.evaluated_on) for one in results.records if one["status"] == "done"}
    judged_rows = f" ({pluralize(rows.pop(), 'row')})" if len(rows) == 1 else ""
    each = f"{pluralize(design.seeds, 'seed')} each"
    lines = [f"{design.recipe.name}: {results.metric} on {judged[design.rows.evaluated_on]}{judged_rows}, {each}"]
    if design.rows.split == "test":
        lines.append("Judged on the test split: sound once, for a comparison named before its figures were seen.")
    for one in results.summaries if choices else ():
        if one is not None:
            ends = f" (95 %: {_figure(one.interval.low)} to {_figure(one.interval.high)})"
            told = f"{one.name}: {_figure(one.mean)}{ends if math.isfinite(one.interval.low) else ''}"
            lines.append(
                f"{told}, {pluralize(one.parameters, 'parameter')}, {one.seconds:.2f} s, {one.epochs:.1f} epochs"
            )
    lines += results.sentences
    if len(results.comparisons) > 1:
        lines.append(f"p is corrected for all {len(results.comparisons)} comparisons (Holm); intervals are each alone.")
    for name, reason in design.variants.skipped.items():
        lines.append(f"{name} does not fit: {reason}")
    lines += [f"{one['title']} failed: {one['reason']}" for one in results.failed]
    known = {one.variant for one in results.comparisons}
    unknown = [one.name for one in design.variants.compatible[1:] if one.name not in known]
    lines += [f"{name} cannot be compared: too few cells were done" for name in unknown]
    return lines


def _figure(value: float) -> str:
    return f"{value:.4f}"


__all__ = ["SwapResults", "default_metric", "report_lines", "summarize_swap", "to_dict", "write_tables"]
