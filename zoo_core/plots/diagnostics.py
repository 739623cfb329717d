"""The reliability diagram, the ROC curve and the precision-recall curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zoo_core.evaluation.intervals.interval import format_figure, interval_list
from zoo_core.plots.style import COLORS, GRAY, line_style, set_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

    from zoo_core.evaluation.diagnostics import RankingCurve, Reliability
    from zoo_core.plots.fonts import FontCoverage

MAX_CURVES = 6  # more curves are hard to distinguish
LEGEND_LINE = 0.16  # inches
DIGITS = 3  # of values in titles and legends


def draw_reliability(figure: SubFigure, reliability: Reliability, fonts: FontCoverage) -> None:
    """Draw observed frequency against predicted probability, and the number of rows in each bin."""
    axes, histogram = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
    axes.plot([0, 1], [0, 1], color=GRAY, linestyle=":", linewidth=1.2, label="perfectly calibrated")
    axes.plot(
        reliability.probability, reliability.came_true, marker="o", markersize=4.5, label="this run", **line_style(0)
    )
    axes.set_ylabel("observed frequency")
    axes.set_ylim(-0.03, 1.03)
    axes.legend(loc="upper left")
    centers = [min(int(probability * 10 - 1e-9), 9) / 10 + 0.05 for probability in reliability.probability]
    histogram.bar(centers, reliability.rows, width=0.09, color=COLORS[0])
    histogram.set_ylabel("rows")
    histogram.set_xlim(-0.02, 1.02)
    histogram.set_xlabel(fonts.label(reliability.of, 48))
    set_title(axes, "Reliability diagram", describe_calibration(reliability))


def draw_roc(figure: SubFigure, curves: Sequence[RankingCurve], fonts: FontCoverage) -> None:
    """Draw the true positive rate against the false positive rate."""
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=GRAY, linestyle=":", linewidth=1.2)
    _draw_curves(figure, axes, curves, fonts)
    axes.set_xlabel("false positive rate")
    axes.set_ylabel("true positive rate")
    set_title(axes, "ROC curve", describe_areas(curves, "area under the curve (AUC)", "\n"))


def draw_pr(figure: SubFigure, curves: Sequence[RankingCurve], fonts: FontCoverage) -> None:
    """Draw precision against recall as a step function."""
    axes = figure.subplots()
    if len(curves) == 1:
        axes.axhline(curves[0].share, color=GRAY, linestyle=":", linewidth=1.2)
    _draw_curves(figure, axes, curves, fonts, steps=True)
    axes.set_xlabel("recall")
    axes.set_ylabel("precision")
    set_title(axes, "Precision-recall curve", describe_areas(curves, "average precision", "\n"))


def _draw_curves(
    figure: SubFigure, axes: Axes, curves: Sequence[RankingCurve], fonts: FontCoverage, steps: bool = False
) -> None:
    """Draw the curves, and a legend: of several curves below them, where it hides none.

    Explicit handles, because matplotlib omits labels that begin with "_"."""
    labels = {}
    for position, curve in enumerate(select_curves(curves)):
        [line] = axes.plot(curve.x, curve.y, drawstyle="steps-pre" if steps else "default", **line_style(position))
        labels[line] = f"{fonts.label(curve.label, 20)}: {format_area(curve)}"
    if len(labels) == 1:
        axes.legend(list(labels), list(labels.values()), fontsize=8)
    else:
        figure.legend(list(labels), list(labels.values()), fontsize=8, loc="outside lower center")
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.03)


def legend_height(curves: Sequence[RankingCurve]) -> float:
    """The height of the legend below the curves in inches."""
    return 0 if len(curves) == 1 else 0.2 + LEGEND_LINE * len(select_curves(curves))


def select_curves(curves: Sequence[RankingCurve]) -> list[RankingCurve]:
    """The curves to draw: all, or the MAX_CURVES with the smallest areas in ascending order."""
    return list(curves) if len(curves) <= MAX_CURVES else sorted(curves, key=lambda curve: curve.area)[:MAX_CURVES]


def describe_areas(curves: Sequence[RankingCurve], area: str, separator: str = "; ") -> str:
    """The subtitle: the meaning of the numbers in the legend, which curves are drawn, and the mean of all."""
    if len(curves) == 1:
        return f"{area}: {format_area(curves[0])}"
    mean = sum(curve.area for curve in curves) / len(curves)
    selection = f"the {MAX_CURVES} lowest of {len(curves)}" if len(curves) > MAX_CURVES else "one-vs-rest"
    shown_mean = format_figure(mean, interval_list(curves[0].mean_interval), DIGITS)
    return f"{area}, {selection}{separator}mean of all {shown_mean}"


def format_area(curve: RankingCurve) -> str:
    """The area under a curve with its interval."""
    return format_figure(curve.area, interval_list(curve.interval), DIGITS)


def describe_calibration(reliability: Reliability) -> str:
    """The subtitle of a reliability diagram."""
    error = format_figure(reliability.expected_calibration_error, interval_list(reliability.interval), DIGITS)
    return f"expected calibration error (ECE): {error}"
