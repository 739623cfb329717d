"""Charts of functions and runs, made of characters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from zoo_cli.plots.terminal import COLORS, Line, bold, colorize, draw_chart, terminal_width
from zoo_cli.table_layout import fold_text, pad_cells
from zoo_core.plots import class_bars, diagnostics
from zoo_core.plots.fonts import shorten_middle

if TYPE_CHECKING:
    from zoo_core.evaluation.component_curves import ActivationCurve, LossCurve
    from zoo_core.evaluation.diagnostics import ClassReport, Confusion, RankingCurve, Reliability
    from zoo_core.evaluation.word_pieces import Contribution
    from zoo_core.plots.panels import History, RunReport

MAX_CLASSES = 20  # of a confusion matrix; more are illegible
MAX_LABEL_WIDTH = 400  # a longer label is a whole text
DIAGONAL = Line("", (0.0, 1.0), (0.0, 1.0))


def activation_charts(curves: Sequence[ActivationCurve]) -> str:
    """One chart per activation, with its derivative."""
    return "\n\n".join(
        "\n".join(
            [
                *heading_lines(curve.name, curve.about, curve.of),
                draw_chart([Line("f(x)", curve.x, curve.y), Line("f'(x)", curve.x, curve.slope)], "x"),
            ]
        )
        for curve in curves
    )


def loss_charts(curves: Sequence[LossCurve]) -> str:
    """One chart per loss, against the score."""
    charts = []
    for curve in curves:
        lines = [Line(target, curve.x, values) for target, values in zip(curve.targets, curve.values, strict=True)]
        charts.append("\n".join([*heading_lines(curve.name, curve.about, curve.of), draw_chart(lines, curve.axis)]))
    return "\n\n".join(charts)


def run_charts(report: RunReport) -> str:
    """All panels of a report, one below the other."""
    from zoo_core.messages import pluralize

    rows = f": {pluralize(report.rows, 'row')} of {report.split}" if report.rows else ""
    title = fold_text(fit_text(f"{report.title}{rows}", MAX_LABEL_WIDTH), terminal_width())
    charts = ["\n".join(map(bold, title))]
    for panel, data in report.panels.items():
        draw = {
            "curves": learning_chart,
            "confusion": confusion_table,
            "classes": class_bars_chart,
            "reliability": reliability_chart,
            "roc": roc_chart,
            "pr": precision_recall_chart,
            "words": top_words_chart,
        }[panel]
        charts.append(draw(data))  # type: ignore[operator]
    return "\n\n".join(charts)


def heading_lines(name: str, about: str = "", of: str = "") -> list[str]:
    """A title, and below it the formula and what is plotted."""
    from zoo_core.messages import escape_control_chars

    texts = [escape_control_chars(text) for text in (about, of and f"plotted: {of}") if text]
    return [
        *map(bold, fold_text(fit_text(name, MAX_LABEL_WIDTH), terminal_width())),
        *(line for text in texts for line in fold_text(text, terminal_width())),
    ]


def learning_chart(history: History) -> str:
    """The losses, and the validation metrics."""
    loss_names = {"train_loss": "training loss", "val_loss": "validation loss"}
    losses = [
        Line(loss_names[name], history.epochs, values) for name, values in history.metrics.items() if name in loss_names
    ]
    metrics = [
        Line(fit_text(name.removeprefix("val_"), 30), history.epochs, values)
        for name, values in history.metrics.items()
        if name.startswith("val_") and name not in loss_names
    ]
    subtitle = (
        f"best epoch {history.best_epoch} of {len(history.epochs)}, by validation {fit_text(history.monitor, 30)}"
    )
    charts = [draw_chart(lines, "epoch") for lines in (losses, metrics) if lines]
    return "\n".join([*heading_lines("Learning curves", subtitle), *charts])


def confusion_table(confusion: Confusion) -> str:
    """Counts, one row per true class; of more than MAX_CLASSES, those with the most errors.

    A matrix that is wider than the terminal is split into blocks of columns.
    """
    shown = confusion.most_confused(MAX_CLASSES)
    subtitle = "rows: true class; columns: predicted"
    if shown is not confusion:
        subtitle += f"; the {MAX_CLASSES} of {len(confusion.classes)} classes with the most errors"
    widest = max(18, terminal_width() // 3)
    labels = [fold_text(fit_text(name, MAX_LABEL_WIDTH), widest) for name in shown.classes]
    label_width = max(cell_len(line) for lines in labels for line in lines)
    count_width = 2 + max(len(str(count)) for row in shown.counts for count in row)
    block = max(1, (terminal_width() - label_width - 5) // count_width)
    lines = heading_lines("Confusion matrix", subtitle)
    for start in range(0, len(shown.classes), block):
        columns = range(start, min(start + block, len(shown.classes)))
        lines.append(" " * (label_width + 5) + "".join(f"{column + 1:>{count_width}}" for column in columns))
        for index, (label, row) in enumerate(zip(labels, shown.counts, strict=True)):
            counts = "".join(color_count(row[column], count_width, is_correct=column == index) for column in columns)
            lines.append(f"{index + 1:>4} {pad_cells(label[0], label_width)}{counts}")
            lines += [f"{'':>5}{line}" for line in label[1:]]
    return "\n".join(lines)


def color_count(count: int, columns: int, *, is_correct: bool) -> str:
    """A count, blue if the prediction is correct, else orange; a dot for 0."""
    return colorize(f"{count:>{columns}}", COLORS[0 if is_correct else 1]) if count else f"{'·':>{columns}}"


def class_bars_chart(reports: Sequence[ClassReport]) -> str:
    """A bar of the F1 of each class, with precision, recall and rows; of more classes, those with the most errors."""
    lines = heading_lines(class_bars.TITLE, f"bar: F1 from 0 to 1{class_bars.describe_selection(reports)}")
    columns = "  precision  recall     F1     rows"
    label_width = min(24, terminal_width() - len(columns))
    lines.append(" " * label_width + columns)
    for one in class_bars.select_reports(reports):
        first, *others = fold_text(fit_text(one.label, MAX_LABEL_WIDTH), label_width)
        figures = f"{one.precision:11.3f} {one.recall:7.3f} {one.f1:6.3f} {one.rows:>8,}"
        bar = "█" * round(one.f1 * (terminal_width() - label_width - len(figures) - 2))
        lines.append(f"{pad_cells(first, label_width)}{figures}{'  ' if bar else ''}{colorize(bar, COLORS[0])}")
        lines += others
    return "\n".join(lines)


def reliability_chart(reliability: Reliability) -> str:
    """Observed frequency against predicted probability."""
    lines = [Line("observed frequency", reliability.probability, reliability.came_true), DIAGONAL]
    return "\n".join(
        [
            *heading_lines("Reliability diagram", diagnostics.describe_calibration(reliability)),
            draw_chart(lines, fit_text(reliability.of, terminal_width() - 12), unit=True),
        ]
    )


def roc_chart(curves: Sequence[RankingCurve]) -> str:
    """True positive rate against false positive rate."""
    return ranking_chart("ROC curve", curves, "false positive rate", "area under the curve (AUC)", [DIAGONAL])


def precision_recall_chart(curves: Sequence[RankingCurve]) -> str:
    """Precision against recall."""
    return ranking_chart("Precision-recall curve", curves, "recall", "average precision", [])


def ranking_chart(title: str, curves: Sequence[RankingCurve], axis: str, area: str, references: list[Line]) -> str:
    """The ranking curves that an image would show, and reference lines below them."""
    lines = [
        Line(f"{fit_text(curve.label, terminal_width() - 31)} {diagnostics.format_area(curve)}", curve.x, curve.y)
        for curve in diagnostics.select_curves(curves)
    ]
    return "\n".join(
        [
            *heading_lines(title, diagnostics.describe_areas(curves, area)),
            draw_chart([*lines, *references], axis, unit=True),
        ]
    )


def top_words_chart(words_by_class: Mapping[str, Sequence[Contribution]]) -> str:
    """Bars of the top words; all classes share one scale."""
    largest = max((word.value for words in words_by_class.values() for word in words), default=1.0)
    lines = heading_lines("Top words", "increase of the class score")
    for label, words in words_by_class.items():
        lines += ["", *map(bold, fold_text(fit_text(label, MAX_LABEL_WIDTH), terminal_width()))]
        for word in words:
            bar = "█" * max(1, round(word.value / largest * (terminal_width() - 36)))
            first, *others = fold_text(fit_text(word.token, MAX_LABEL_WIDTH), 22)
            lines.append(f"  {pad_cells(first, 22)} {word.value:+8.3f} {colorize(bar, COLORS[0])}")
            lines += [f"  {line}" for line in others]
    return "\n".join(lines)


def fit_text(text: str, max_columns: int) -> str:
    """A text on one line, shortened, with control characters escaped."""
    from zoo_core.messages import escape_control_chars

    return shorten_middle(escape_control_chars(text), max_columns)
