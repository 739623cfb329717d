"""The pictures of functions and runs, drawn in characters."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from zoo_cli.plots import diagnostics
from zoo_cli.plots.fonts import shortened
from zoo_cli.plots.terminal import COLOURS, Line, bold, chart, painted, width

if TYPE_CHECKING:
    from zoo_core.evaluation.diagnostics import Confusion, RankingCurve, Reliability
    from zoo_core.evaluation.explanation import Contribution
    from zoo_core.evaluation.function_curves import ActivationCurve, LossCurve
    from zoo_core.runs.history import History
    from zoo_core.runs.report import RunReport

MOST = 20  # classes of a matrix that can be read
DIAGONAL = Line("", (0.0, 1.0), (0.0, 1.0))


def activations(curves: Sequence[ActivationCurve]) -> str:
    """f and f' of each activation, one chart under another."""
    return "\n\n".join(
        "\n".join(
            [
                *heading(one.name, one.about, one.of),
                chart([Line("f(x)", one.x, one.y), Line("f'(x)", one.x, one.slope)], "x"),
            ]
        )
        for one in curves
    )


def losses(curves: Sequence[LossCurve]) -> str:
    """Each loss against the score, one chart under another."""
    found = []
    for one in curves:
        lines = [Line(target, one.x, values) for target, values in zip(one.targets, one.values, strict=True)]
        found.append("\n".join([*heading(one.name, one.about, one.of), chart(lines, one.axis)]))
    return "\n\n".join(found)


def run(findings: RunReport) -> str:
    """Every panel that was found, one under another."""
    from zoo_core.messages import pluralize

    rows = f": {pluralize(findings.rows, 'row')} of {findings.split}" if findings.rows else ""
    parts = [bold(fit(f"{findings.title}{rows}", width()))]
    for panel, found in findings.panels.items():
        draw = {
            "curves": learning,
            "confusion": confusion,
            "reliability": reliability,
            "roc": roc,
            "pr": precision_recall,
            "words": words,
        }[panel]
        parts.append(draw(found))  # type: ignore[operator]
    return "\n\n".join(parts)


def heading(name: str, about: str = "", of: str = "") -> list[str]:
    """A title and what is told under it."""
    from zoo_core.messages import escape_control_chars

    told = [escape_control_chars(text) for text in (about, of and f"plotted: {of}") if text]
    return [bold(fit(name, width())), *(line for text in told for line in textwrap.wrap(text, width()))]


def learning(found: History) -> str:
    """The losses, and the validation's metrics."""
    named = {"train_loss": "training loss", "val_loss": "validation loss"}
    losses = [Line(named[name], found.epochs, values) for name, values in found.metrics.items() if name in named]
    metrics = [
        Line(fit(name.removeprefix("val_"), 30), found.epochs, values)
        for name, values in found.metrics.items()
        if name.startswith("val_") and name not in named
    ]
    told = f"best epoch {found.best_epoch} of {len(found.epochs)}, by validation {fit(found.monitor, 30)}"
    charts = [chart(lines, "epoch") for lines in (losses, metrics) if lines]
    return "\n".join([*heading("Learning curves", told), *charts])


def confusion(whole: Confusion) -> str:
    """Counts, a row for each true class; of many classes those of the most mistakes. What is wider than the terminal
    goes on below."""
    from rich.cells import cell_len

    shown = whole.most_confused(MOST)
    told = "rows: true class; columns: predicted"
    if shown is not whole:
        told += f"; the {MOST} of {len(whole.classes)} classes with the most errors"
    label = min(18, max(cell_len(fit(name, 18)) for name in shown.classes))
    cell = 2 + max(len(str(count)) for row in shown.counts for count in row)
    block = max(2, (width() - label - 6) // cell)
    lines = heading("Confusion matrix", told)
    for start in range(0, len(shown.classes), block):
        columns = range(start, min(start + block, len(shown.classes)))
        lines.append(" " * (label + 5) + "".join(f"{column + 1:>{cell}}" for column in columns))
        for at, (name, row) in enumerate(zip(shown.classes, shown.counts, strict=True)):
            cells = "".join(painted_count(row[column], cell, right=column == at) for column in columns)
            lines.append(f"{at + 1:>4} {padded(name, label)}{cells}")
    return "\n".join(lines)


def painted_count(count: int, columns: int, *, right: bool) -> str:
    """A count, blue where it was predicted rightly and orange where not; a dot for none."""
    return painted(f"{count:>{columns}}", COLOURS[0 if right else 1]) if count else f"{'·':>{columns}}"


def reliability(found: Reliability) -> str:
    """Probability against what came true."""
    told = f"expected calibration error (ECE): {found.expected_calibration_error:.3f}"
    lines = [Line("observed frequency", found.probability, found.came_true), DIAGONAL]
    return "\n".join([*heading("Reliability diagram", told), chart(lines, fit(found.of, 60), unit=True)])


def roc(curves: Sequence[RankingCurve]) -> str:
    """True positives against false positives."""
    return ranked("ROC curve", curves, "false positive rate", "area under the curve (AUC)", [DIAGONAL])


def precision_recall(curves: Sequence[RankingCurve]) -> str:
    """Precision against recall."""
    return ranked("Precision-recall curve", curves, "recall", "average precision", [])


def ranked(title: str, curves: Sequence[RankingCurve], axis: str, area: str, more: list[Line]) -> str:
    """The curves that a picture would have, the diagonal below them."""
    lines = [Line(f"{fit(one.label, 20)} {one.area:.3f}", one.x, one.y) for one in diagnostics.chosen(curves)]
    return "\n".join([*heading(title, diagnostics.under(curves, area)), chart([*lines, *more], axis, unit=True)])


def words(found: Mapping[str, Sequence[Contribution]]) -> str:
    """Bars, on one scale for every class."""
    widest = max((word.value for telling in found.values() for word in telling), default=1.0)
    lines = heading("Top words", "increase of the class score")
    for label, telling in found.items():
        lines += ["", bold(fit(label, width()))]
        for one in telling:
            bar = "█" * max(1, round(one.value / widest * (width() - 36)))
            lines.append(f"  {padded(one.token, 22)} {one.value:+8.3f} {painted(bar, COLOURS[0])}")
    return "\n".join(lines)


def fit(text: str, most: int) -> str:
    """A text on one line, with nothing in it that could drive a terminal."""
    from zoo_core.messages import escape_control_chars

    return shortened(escape_control_chars(text), most)


def padded(text: str, columns: int) -> str:
    """A text that takes so many columns, however wide its letters are."""
    from rich.cells import set_cell_size

    return set_cell_size(fit(text, columns), columns)
