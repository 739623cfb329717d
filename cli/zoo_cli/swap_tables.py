"""The results of a swap: a table of its variants, and the comparisons in sentences."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import TYPE_CHECKING

from zoo_cli.output import print_note, print_table

if TYPE_CHECKING:
    from zoo_core.evaluation.intervals.interval import Interval
    from zoo_core.experiments.results import SwapResults


def print_swap_results(results: SwapResults) -> None:
    """Print the table on standard output, and the comparisons in sentences on standard error."""
    from zoo_core.experiments.reports.tables import report_lines

    style = results.style
    comparisons = {comparison.variant: comparison for comparison in results.comparisons}
    rows: list[list[object]] = []
    for summary in results.summaries:
        if summary is None:
            continue
        row: list[object] = [summary.name, f"{summary.mean:.4f}", _format_interval(summary.interval, "{:.3f}".format)]
        comparison = comparisons.get(summary.name)
        if comparison is None:
            row += ["", "", ""]
        else:
            paired = comparison.result
            interval = _format_interval(paired.interval, style.number)
            row += [style.number(paired.difference), interval, f"{comparison.p_holm:.2g}"]
        rows.append([*row, summary.parameters, f"{summary.seconds:.2f}"])
    difference = "diff (pp)" if style.as_percentage_points else "diff"
    columns = ["variant", results.metric, "95% CI", difference, "95% CI", "p", "params", "seconds"]
    print_table(columns, rows, optional=("seconds", "params"))
    for line in report_lines(results, include_summaries=False):
        print_note(line)


def _format_interval(interval: Interval, format_number: Callable[[float], str]) -> str:
    if not (isfinite(interval.low) and isfinite(interval.high)):
        return ""
    return f"{format_number(interval.low)}…{format_number(interval.high)}"
