"""The figures of each class and the confusion matrix, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo_cli.output import print_note, print_table
from zoo_cli.streams import data_stream, write_out

if TYPE_CHECKING:
    from zoo_core.components.head import Head
    from zoo_core.runs.predictions import ScoredSplit

NUMERIC_WIDTH = 38  # columns of a terminal that the figures of a class take


def print_class_tables(head: Head, scored: ScoredSplit) -> None:
    """Precision, recall, f1 and rows of each class; then a row for each true class, a column for each predicted."""
    from zoo_cli.plots import text_charts
    from zoo_cli.plots.terminal import terminal_width
    from zoo_core.evaluation import diagnostics

    given = head, scored.scores, scored.targets
    drawn = data_stream().isatty()
    room = terminal_width() - NUMERIC_WIDTH
    write_out()
    rows = [
        (
            text_charts.fit_text(one.label, room) if drawn else one.label,
            *(f"{figure:.4f}" for figure in (one.precision, one.recall, one.f1)),
            one.rows,
        )
        for one in diagnostics.class_reports(*given)
    ]
    print_table(["class", "precision", "recall", "f1", "rows"], rows)
    if len(head.classes) > diagnostics.MAX_CLASSES:
        print_note(
            f"zoo: warning: confusion matrix omitted: {len(head.classes)} classes, at most {diagnostics.MAX_CLASSES}"
        )
        return
    found = diagnostics.confusion(*given)
    if drawn:
        write_out(text_charts.confusion_table(found))
        return
    write_out()
    table = zip(found.classes, found.counts, strict=True)
    print_table(["true \\ predicted", *found.classes], [(name, *row) for name, row in table])
