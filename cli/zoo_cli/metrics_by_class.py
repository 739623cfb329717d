"""The metrics of each class and the confusion matrix, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo_cli.output import print_table, print_warning
from zoo_cli.streams import data_stream, write_out, write_styled

if TYPE_CHECKING:
    from zoo_core.components.head import Head
    from zoo_core.runs.predictions import ScoredSplit


def print_class_tables(head: Head, scored: ScoredSplit) -> None:
    """Print precision, recall, F1 and rows of each class, then the confusion matrix (rows: true classes)."""
    from zoo_cli.plots import text_charts
    from zoo_core.evaluation import diagnostics

    write_out()
    rows = [
        (
            report.label,
            *(f"{value:.4f}" for value in (report.precision, report.recall, report.f1)),
            report.rows,
        )
        for report in diagnostics.class_reports(head, scored.scores, scored.targets)
    ]
    print_table(["class", "precision", "recall", "f1", "rows"], rows)
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
