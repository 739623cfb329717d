"""The pictures of functions and runs, drawn in characters."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from zoo_cli.plots import diagnostics
from zoo_cli.plots.fonts import shorten_middle
from zoo_cli.plots.terminal import COLORS, Line, bold, colorize, draw_chart, terminal_width

if TYPE_CHECKING:
    from zoo_core.evaluation.diagnostics import Confusion, RankingCurve, Reliability
    from zoo_core.evaluation.explanation import Contribution
    from zoo_core.evaluation.function_curves import ActivationCurve, LossCurve
    from zoo_core.runs.history import History
    from zoo_core.runs.report import RunReport

MAX_CLASSES = 20  # classes of a matrix that can be read
DIAGONAL = Line("", (0.0, 1.0), (0.0, 1.0))


def activation_charts(curves: Sequence[ActivationCurve]) -> str:
    """f and f' of each activation, one chart under another."""
    return "\n\n".join(
        "\n".join(
            [
                *heading_lines(one.name, one.about, one.of),
                draw_chart([Line("f(x)", one.x, one.y), Line("f'(x)", one.x, one.slope)], "x"),
            ]
        )
        for one in curves
    )


def loss_charts(curves: Sequence[LossCurve]) -> str:
    """Each loss against the score, one chart under another."""
    found = []
    for one in curves:
        lines = [Line(target, one.x, values) for target, values in zip(one.targets, one.values, strict=True)]
        found.append("\n".join([*heading_lines(one.name, one.about, one.of), draw_chart(lines, one.axis)]))
    return "\n\n".join(found)


def run_charts(findings: RunReport) -> str:
    """Every panel that was found, one under another."""
    from zoo_core.messages import pluralize

    rows = f": {pluralize(findings.rows, 'row')} of {findings.split}" if findings.rows else ""
    parts = [bold(fit_text(f"{findings.title}{rows}", terminal_width()))]
    for panel, found in findings.panels.items():
        draw = {
            "curves": learning_chart,
            "confusion": confusion_table,
            "reliability": reliability_chart,
            "roc": roc_chart,
            "pr": precision_recall_chart,
            "words": top_words_chart,
        }[panel]
        parts.append(draw(found))  # type: ignore[operator]
    return "\n\n".join(parts)


def heading_lines(name: str, about: str = "", of: str = "") -> list[str]:
    """A title and what is told under it."""
    from zoo_core.messages import escape_control_chars

    told = [escape_control_chars(text) for text in (about, of and f"plotted: {of}") if text]
    return [
        bold(fit_text(name, terminal_width())),
        *(line for text in told for line in textwrap.wrap(text, terminal_width())),
    ]


def learning_chart(found: History) -> str:
    """The losses, and the validation's metrics."""
    named = {"train_loss": "training loss", "val_loss": "validation loss"}
    losses = [Line(named[name], found.epochs, values) for name, values in found.metrics.items() if name in named]
    metrics = [
        Line(fit_text(name.removeprefix("val_"), 30), found.epochs, values)
        for name, values in found.metrics.items()
        if name.startswith("val_") and name not in named
    ]
    told = f"best epoch {found.best_epoch} of {len(found.epochs)}, by validation {fit_text(found.monitor, 30)}"
    charts = [draw_chart(lines, "epoch") for lines in (losses, metrics) if lines]
    return "\n".join([*heading_lines("Learning curves", told), *charts])


def confusion_table(whole: Confusion) -> str:
    """Counts, a row for each true class; of many classes those of the most mistakes. What is wider than the terminal
    goes on below."""
    from rich.cells import cell_len

    shown = whole.most_confused(MAX_CLASSES)
    told = "rows: true class; columns: predicted"
    if shown is not whole:
        told += f"; the {MAX_CLASSES} of {len(whole.classes)} classes with the most errors"
    label = min(18, max(cell_len(fit_text(name, 18)) for name in shown.classes))
    cell = 2 + max(len(str(count)) for row in shown.counts for count in row)
    block = max(2, (terminal_width() - label - 6) // cell)
    lines = heading_lines("Confusion matrix", told)
    for start in range(0, len(shown.classes), block):
        columns = range(start, min(start + block, len(shown.classes)))
        lines.append(" " * (label + 5) + "".join(f"{column + 1:>{cell}}" for column in columns))
        for at, (name, row) in enumerate(zip(shown.classes, shown.counts, strict=True)):
            cells = "".join(color_count(row[column], cell, right=column == at) for column in columns)
            lines.append(f"{at + 1:>4} {pad_text(name, label)}{cells}")
    return "\n".join(lines)


def color_count(count: int, columns: int, *, right: bool) -> str:
    """A count, blue where it was predicted rightly and orange where not; a dot for none."""
    return colorize(f"{count:>{columns}}", COLORS[0 if right else 1]) if count else f"{'·':>{columns}}"


def reliability_chart(found: Reliability) -> str:
    """Probability against what came true."""
    told = f"expected calibration error (ECE): {found.expected_calibration_error:.3f}"
    lines = [Line("observed frequency", found.probability, found.came_true), DIAGONAL]
    return "\n".join(
        [*heading_lines("Reliability diagram", told), draw_chart(lines, fit_text(found.of, 60), unit=True)]
    )


def roc_chart(curves: Sequence[RankingCurve]) -> str:
    """True positives against false positives."""
    return ranking_chart("ROC curve", curves, "false positive rate", "area under the curve (AUC)", [DIAGONAL])


def precision_recall_chart(curves: Sequence[RankingCurve]) -> str:
    """Precision against recall."""
    return ranking_chart("Precision-recall curve", curves, "recall", "average precision", [])


def ranking_chart(title: str, curves: Sequence[RankingCurve], axis: str, area: str, more: list[Line]) -> str:
    """The curves that a picture would have, the diagonal below them."""
    lines = [
        Line(f"{fit_text(one.label, 20)} {one.area:.3f}", one.x, one.y) for one in diagnostics.select_curves(curves)
    ]
    return "\n".join(
        [*heading_lines(title, diagnostics.describe_areas(curves, area)), draw_chart([*lines, *more], axis, unit=True)]
    )


def top_words_chart(found: Mapping[str, Sequence[Contribution]]) -> str:
    """Bars, on one scale for every class."""
    widest = max((word.value for telling in found.values() for word in telling), default=1.0)
    lines = heading_lines("Top words", "increase of the class score")
    for label, telling in found.items():
        lines += ["", bold(fit_text(label, terminal_width()))]
        for one in telling:
            bar = "█" * max(1, round(one.value / widest * (terminal_width() - 36)))
            lines.append(f"  {pad_text(one.token, 22)} {one.value:+8.3f} {colorize(bar, COLORS[0])}")
    return "\n".join(lines)


def fit_text(text: str, most: int) -> str:
    """A text on one line, with nothing in it that could drive a terminal."""
    from zoo_core.messages import escape_control_chars

    return shorten_middle(escape_control_chars(text), most)


def pad_text(text: str, columns: int) -> str:
    """A text that takes so many columns, however wide its letters are."""
    from rich.cells import set_cell_size

    return set_cell_size(fit_text(text, columns), columns)
