"""The metrics of each class and the confusion matrix, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zoo_cli.output import print_table, print_warning
from zoo_cli.streams import data_stream, write_out, write_styled

if TYPE_CHECKING:
    from zoo_core.components.head import Head
    from zoo_core.evaluation.diagnostics import ClassReport
    from zoo_core.runs.predictions import ScoredSplit


def print_class_tables(head: Head, scored: ScoredSplit) -> None:
    """Print precision, recall, F1 and rows of each class, then the confusion matrix (rows: true classes)."""
    from zoo_cli.plots import text_charts
    from zoo_core.evaluation import diagnostics

    write_out()
    _print_reports(diagnostics.class_reports(head, scored.scores, scored.targets))
    if not head.form.is_exclusive:
        return
    if len(head.classes) > diagnostics.MAX_CLASSES:
        print_warning(f"confusion matrix omitted: {len(head.classes)} classes, at most {diagnostics.MAX_CLASSES}")
        return
    confusion = diagnostics.confusion(head, scored.scores, scored.targets)
    if data_stream().isatty():
        write_out()
        write_styled(text_charts.confusion_table(confusion))
        return
    write_out()
    matrix = [(name, *counts) for name, counts in zip(confusion.classes, confusion.counts, strict=True)]
    print_table(["true \\ predicted", *confusion.classes], matrix)


def _print_reports(reports: Sequence[ClassReport]) -> None:
    """Print a row for each class: on a terminal, each value with its interval beside or below it."""
    from zoo_core.evaluation.intervals.interval import format_interval, format_short_interval

    names, rows = ("precision", "recall", "f1"), list[list[object]]()
    is_terminal = data_stream().isatty()
    for report in reports:
        row: list[object] = [report.label]
        for value, ends in zip(
            (report.precision, report.recall, report.f1), report.interval_lists().values(), strict=True
        ):
            both = f"{value:.4f} {format_short_interval(ends)}"
            row += [both] if is_terminal else [f"{value:.4f}", format_interval(ends)]
        rows.append([*row, report.rows])
    columns = names if is_terminal else [column for name in names for column in (name, f"{name} 95% CI")]
    print_table(["class", *columns, "rows"], rows)
