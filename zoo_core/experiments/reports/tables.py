"""The report of a swap: lines for people, and the tables in its folder."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from zoo_core.experiments.analysis import VariantSummary
from zoo_core.experiments.comparison_sentences import correction_note
from zoo_core.experiments.design import SwapDesign
from zoo_core.experiments.results import SwapResults, to_dict
from zoo_core.experiments.swap_folder import RESULTS_FILE
from zoo_core.filesystem.writing import write_file
from zoo_core.messages import message_line, pluralize
from zoo_core.recipes.plan import Plan
from zoo_core.runs import store

VARIANT_COLUMNS = (
    *("variant", "trials", "failed", "mean", "low", "high", "baseline", "difference", "difference_low"),
    *("difference_high", "test", "p", "p_holm", "verdict", "scope", "parameters", "epochs", "seconds"),
)
TRIAL_COLUMNS = ("trial", "variant", "seed", "fold", "status", "epochs", "best_epoch", "parameters", "seconds")


def write_tables(results: SwapResults, folder: Path) -> None:
    """Write `trials.csv`, `table.csv`, `report.txt`, and `table.json` last, each of them atomically."""
    values = to_dict(results, folder)
    names = [variant.name for variant in results.design.variants.compatible]
    metrics = sorted({metric for record in results.records for metric in record.get("metrics", ())})
    trials = [
        {**record, "variant": names[record["variant"]], **record.get("metrics", {})} for record in results.records
    ]
    write_file(folder / "trials.csv", _to_csv([*TRIAL_COLUMNS, *metrics, "reason"], trials))
    write_file(folder / "table.csv", _to_csv(VARIANT_COLUMNS, values["variants"]))
    write_file(folder / "report.txt", ("\n".join(map(message_line, report_lines(results))) + "\n").encode())
    write_file(folder / RESULTS_FILE, store.to_json({key: value for key, value in values.items() if key != "out"}))


def _to_csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """A table as CSV whose cells no spreadsheet computes: names of variants and reasons come from elsewhere."""
    from zoo_core.data.spreadsheet_formulas import escape_formula_cells

    texts = [value for row in rows for value in row.values() if isinstance(value, str)]
    encodable = [text.encode("utf-8", "backslashreplace").decode() for text in texts]  # a path may not be UTF-8
    escaped = dict(zip(texts, escape_formula_cells(encodable), strict=True))
    rows = [{key: escaped[value] if isinstance(value, str) else value for key, value in row.items()} for row in rows]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def report_lines(results: SwapResults, *, include_summaries: bool = True) -> list[str]:
    """The results as lines for people; without summaries, only what the table of variants lacks."""
    design = results.design
    lines = [_heading(results)]
    if design.rows.split == "test":
        lines.append("Evaluated on the test split: valid once, for a comparison planned before its results were seen.")
    if include_summaries:
        lines += [_summary_line(summary) for summary in results.summaries if summary is not None]
    lines += results.sentences
    if len(results.comparisons) > 1:
        lines.append(correction_note(len(results.comparisons)))
    lines += design_notes(design)
    lines += [f"{name} is incompatible: {reason}" for name, reason in design.variants.skipped.items()]
    lines += [f"{record['title']} failed: {record['reason']}" for record in results.failed]
    lines += [f"{name} cannot be compared: too few trials succeeded" for name in _variants_without_comparison(results)]
    lines += results.conclusion.lines(results.metric) if results.conclusion else []
    return lines


def design_notes(design: SwapDesign) -> list[str]:
    """A line for each variant that its recipe would have split in another way, and for what flatters a variant."""
    first = design.variants.compatible[0]
    notes = [
        f"{variant.name} is split as {first.name} is, not as its recipe says: {_describe_split(variant.own_plan)}"
        for variant in design.variants.compatible
        if variant.own_plan is not None
    ]
    have_others = any(variant.plan.calibrator != first.plan.calibrator for variant in design.variants.compatible)
    if have_others and design.rows.evaluated_on == "val":
        flattered = "calibrators are compared on the validation rows that they were fitted to"
        notes.append(f"{flattered}: the most flexible one looks better than it is (hint: --folds 5)")
    return notes


def _describe_split(plan: Plan) -> str:
    split = plan.split
    return f"{split.train:g}, {split.val:g} and {split.test:g}, seed {split.seed}, {plan.splitter.name}"


def _heading(results: SwapResults) -> str:
    design = results.design
    rows = {record["rows"].get(design.rows.evaluated_on) for record in results.records if record["status"] == "done"}
    row_count = f" ({pluralize(rows.pop(), 'row')})" if len(rows) == 1 else ""
    splits = {"val": "the validation split", "test": "the test split", "fold": f"{design.rows.folds} folds"}
    where = f"{splits[design.rows.evaluated_on]}{row_count}"
    return f"{design.name}: {results.metric} on {where}, {pluralize(design.seeds, 'seed')} each"


def _summary_line(summary: VariantSummary) -> str:
    interval = summary.interval
    ends = f" (95% CI: {interval.low:.4f} to {interval.high:.4f})" if math.isfinite(interval.low) else ""
    costs = f"{pluralize(summary.parameters, 'parameter')}, {summary.seconds:.2f} s, {summary.epochs:.1f} epochs"
    return f"{summary.name}: {summary.mean:.4f}{ends}, {costs}"


def _variants_without_comparison(results: SwapResults) -> Iterator[str]:
    compared = {comparison.variant for comparison in results.comparisons}
    for variant in results.design.variants.compatible[1:]:
        if variant.name not in compared:
            yield variant.name
