"""The page of a run: its panels, or the one that was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from zoo_cli.plots import confusion_matrix, diagnostics, learning_curves, top_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

    from zoo_cli.plots.fonts import FontCoverage
    from zoo_core.runs.report import RunReport

PAGE_WIDTH = 13.0  # inches of a page
PANEL_ROWS = (("curves", "confusion"), ("reliability", "roc", "pr"), ("words",))
PANEL_WIDTH = 6.0  # inches of a single one


def page_texts(findings: RunReport) -> Iterator[str]:
    """Every text of the data's that a page shows."""
    yield from (findings.title, findings.split)
    if "curves" in findings.panels:
        yield from findings.panels["curves"].metrics
    if "confusion" in findings.panels:
        yield from findings.panels["confusion"].classes
    if "reliability" in findings.panels:
        yield findings.panels["reliability"].of
    for panel in ("roc", "pr"):
        yield from (curve.label for curve in findings.panels.get(panel, ()))
    for label, telling in findings.panels.get("words", {}).items():
        yield label
        yield from (one.token for one in telling)


def make_page(findings: RunReport, letters: FontCoverage) -> Figure:
    """All panels that were found, in rows, under a heading."""
    from matplotlib.figure import Figure

    from zoo_core.messages import pluralize

    rows = [kept for row in PANEL_ROWS if (kept := [panel for panel in row if panel in findings.panels])]
    alone = len(findings.panels) == 1
    heights = [_row_height(row, findings) for row in rows]
    wide = PAGE_WIDTH if not alone or "words" in findings.panels else PANEL_WIDTH + 0.14 * _count_classes(findings)
    figure = Figure(figsize=(wide, sum(heights) + 0.5), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08)  # type: ignore[union-attr, call-arg]
    about = letters.label(findings.title, 60)
    if findings.rows:
        about += f": {pluralize(findings.rows, 'row')} of {letters.label(findings.split, 60)}"
    figure.suptitle(about, x=0.01, ha="left", fontsize=10, color="#444444")
    parts = figure.subfigures(len(rows), 1, height_ratios=heights, squeeze=False)[:, 0]
    for part, row in zip(parts, rows, strict=True):
        for place, panel in zip(part.subfigures(1, len(row), squeeze=False)[0], row, strict=True):
            draw_panel(place, panel, findings.panels[panel], letters)
    return figure


def draw_panel(place: SubFigure, panel: str, found: Any, letters: FontCoverage) -> None:
    """One panel."""
    if panel == "curves":
        learning_curves.draw_learning_curves(place, found, letters)
    elif panel == "confusion":
        confusion_matrix.draw_confusion_matrix(place, found, letters)
    elif panel == "reliability":
        diagnostics.draw_reliability(place, found, letters)
    elif panel == "roc":
        diagnostics.draw_roc(place, found, letters)
    elif panel == "pr":
        diagnostics.draw_pr(place, found, letters)
    else:
        top_words.draw_top_words(place, found, letters)


def _row_height(row: list[str], findings: RunReport) -> float:
    if row == ["words"]:
        return top_words.chart_height(findings.panels["words"]) + 0.4
    return max(4.3, 2.2 + 0.26 * _count_classes(findings)) if "confusion" in row else 4.0


def _count_classes(findings: RunReport) -> int:
    return (
        min(len(findings.panels["confusion"].classes), confusion_matrix.MAX_CLASSES)
        if "confusion" in findings.panels
        else 0
    )
