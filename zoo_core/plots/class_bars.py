"""Precision, recall and F1 of each class as bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zoo_core.plots.style import COLORS, set_title

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure

    from zoo_core.evaluation.diagnostics import ClassReport
    from zoo_core.plots.fonts import FontCoverage

MAX_CLASSES = 20  # more classes are illegible
MIN_PLACES = 4  # fewer would make the bars thick
BAR_COLOR = "#A6C8E4"  # light, so that marks and intervals on it are visible
TITLE = "Precision, recall and F1 by class"


def select_reports(reports: Sequence[ClassReport]) -> list[ClassReport]:
    """The classes to draw: all, or the MAX_CLASSES with the most errors, in the same order."""
    if len(reports) <= MAX_CLASSES:
        return list(reports)
    most = sorted(range(len(reports)), key=lambda index: -reports[index].errors)[:MAX_CLASSES]
    return [reports[index] for index in sorted(most)]


def describe_selection(reports: Sequence[ClassReport]) -> str:
    """Which classes are drawn, with a space before it; "" if all are."""
    return f"; the {MAX_CLASSES} of {len(reports)} with the most errors" if len(reports) > MAX_CLASSES else ""


def draw_class_bars(figure: SubFigure, reports: Sequence[ClassReport], fonts: FontCoverage) -> None:
    """Draw F1 as a bar with its interval, precision and recall as marks on it; rows are beside the name."""
    shown = select_reports(reports)
    places = range(len(shown))
    axes = figure.subplots()
    bars = axes.barh(places, [one.f1 for one in shown], color=BAR_COLOR, height=0.62)
    for place, one in zip(places, shown, strict=True):
        interval = one.intervals.get("f1")
        if interval is not None:
            axes.plot([interval.low, interval.high], [place, place], color="#444444", linewidth=1.1)
    values = {name: [getattr(one, name) for one in shown] for name in ("precision", "recall")}
    [diamonds] = axes.plot(values["precision"], places, "D", color=COLORS[1], markersize=5)
    [circles] = axes.plot(values["recall"], places, "o", color=COLORS[2], markersize=7, fillstyle="none", mew=1.6)
    names = [f"{fonts.label(one.label, 30)} ({one.rows:,})" for one in shown]
    axes.set_yticks(places, names)
    axes.set_ylim(max(len(shown), MIN_PLACES) - 0.4, -0.6)
    axes.set_xlim(0, 1.03)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    legend_names = ["F1, with its 95% interval", "precision", "recall"]
    figure.legend([bars[0], diamonds, circles], legend_names, loc="outside lower center", ncols=3)
    set_title(axes, TITLE, f"in parentheses: rows of the class{describe_selection(reports)}")
