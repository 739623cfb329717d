"""The page of a run: all its panels, or the requested ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from zoo_core.plots import class_bars, confusion_matrix, diagnostics, learning_curves, top_words

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure

    from zoo_core.plots.figure import PlotFigure
    from zoo_core.plots.fonts import FontCoverage
    from zoo_core.plots.panels import RunReport

PAGE_WIDTH = 13.0  # inches
PANEL_ROWS = (("curves", "confusion", "classes"), ("reliability", "roc", "pr"), ("words",))
PANEL_WIDTH = 6.0  # inches of a page with one panel


def page_texts(report: RunReport) -> Iterator[str]:
    """All texts from the data that the page shows."""
    yield from (report.title, report.split)
    if "curves" in report.panels:
        yield from report.panels["curves"].metrics
    if "confusion" in report.panels:
        yield from report.panels["confusion"].classes
    yield from (one.label for one in report.panels.get("classes", ()))
    if "reliability" in report.panels:
        yield report.panels["reliability"].of
    for panel in ("roc", "pr"):
        yield from (curve.label for curve in report.panels.get(panel, ()))
    for label, words in report.panels.get("words", {}).items():
        yield label
        yield from (word.token for word in words)


def make_page(report: RunReport, fonts: FontCoverage) -> PlotFigure:
    """Create the page: the panels of the report in rows, under a title."""
    from zoo_core.messages import pluralize
    from zoo_core.plots.figure import PlotFigure

    rows = [panels for row in PANEL_ROWS if (panels := [panel for panel in row if panel in report.panels])]
    is_single = len(report.panels) == 1
    heights = [_row_height(row, report) for row in rows]
    width = PAGE_WIDTH if not is_single or "words" in report.panels else PANEL_WIDTH + 0.14 * _count_classes(report)
    figure = PlotFigure(width, sum(heights) + 0.5)
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08)  # type: ignore[union-attr, call-arg]
    title = fonts.label(report.title, 60)
    if report.rows:
        title += f": {pluralize(report.rows, 'row')} of {fonts.label(report.split, 60)}"
    figure.suptitle(title, x=0.01, ha="left", fontsize=10, color="#444444")
    row_figures = figure.subfigures(len(rows), 1, height_ratios=heights, squeeze=False)[:, 0]
    for row_figure, row in zip(row_figures, rows, strict=True):
        for panel_figure, panel in zip(row_figure.subfigures(1, len(row), squeeze=False)[0], row, strict=True):
            draw_panel(panel_figure, panel, report.panels[panel], fonts)
    return figure


def figure_of_run(report: RunReport) -> PlotFigure:
    """The page in the style of all plots and the fonts that it needs; warns of letters that no font has."""
    from zoo_core.messages import warn
    from zoo_core.plots.figure import finish
    from zoo_core.plots.fonts import find_fonts
    from zoo_core.plots.style import plot_style

    fonts = find_fonts(page_texts(report))
    if fonts.missing:
        warn(fonts.describe())
    with plot_style(fonts.families):
        return finish(make_page(report, fonts), fonts.families)


def draw_panel(figure: SubFigure, panel: str, data: Any, fonts: FontCoverage) -> None:
    """Draw one panel."""
    if panel == "curves":
        learning_curves.draw_learning_curves(figure, data, fonts)
    elif panel == "confusion":
        confusion_matrix.draw_confusion_matrix(figure, data, fonts)
    elif panel == "classes":
        class_bars.draw_class_bars(figure, data, fonts)
    elif panel == "reliability":
        diagnostics.draw_reliability(figure, data, fonts)
    elif panel == "roc":
        diagnostics.draw_roc(figure, data, fonts)
    elif panel == "pr":
        diagnostics.draw_pr(figure, data, fonts)
    else:
        top_words.draw_top_words(figure, data, fonts)


def _row_height(row: list[str], report: RunReport) -> float:
    if row == ["words"]:
        return top_words.chart_height(report.panels["words"]) + 0.4
    if "confusion" in row or "classes" in row:
        return max(4.3, 2.2 + 0.26 * _count_classes(report))
    curves = [report.panels[panel] for panel in row if panel in ("roc", "pr")]
    return 4.0 + max(map(diagnostics.legend_height, curves), default=0)


def _count_classes(report: RunReport) -> int:
    """The most classes that a panel draws a row for, 0 without such a panel."""
    confusion, reports = report.panels.get("confusion"), report.panels.get("classes", ())
    sizes = (len(confusion.classes) if confusion else 0, len(reports))
    return max(map(min, sizes, (confusion_matrix.MAX_CLASSES, class_bars.MAX_CLASSES)))
