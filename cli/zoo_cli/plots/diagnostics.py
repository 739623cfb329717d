"""What probabilities are worth: the reliability diagram, ROC and precision-recall."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zoo_cli.plots.style import COLORS, GRAY, line_style, set_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

    from zoo_cli.plots.fonts import FontCoverage
    from zoo_core.evaluation.diagnostics import RankingCurve, Reliability

MAX_CURVES = 6  # classes whose curves are told apart at a glance


def draw_reliability(figure: SubFigure, found: Reliability, letters: FontCoverage) -> None:
    """Probability against what came true, and how many rows each point stands for."""
    axes, below = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
    axes.plot([0, 1], [0, 1], color=GRAY, linestyle=":", linewidth=1.2, label="perfectly calibrated")
    axes.plot(found.probability, found.came_true, marker="o", markersize=4.5, label="this run", **line_style(0))
    axes.set_ylabel("observed frequency")
    axes.set_ylim(-0.03, 1.03)
    axes.legend(loc="upper left")
    edges = [min(int(chance * 10 - 1e-9), 9) / 10 + 0.05 for chance in found.probability]
    below.bar(edges, found.rows, width=0.09, color=COLORS[0])
    below.set_ylabel("rows")
    below.set_xlim(-0.02, 1.02)
    below.set_xlabel(letters.label(found.of, 48))
    set_title(axes, "Reliability diagram", f"expected calibration error (ECE): {found.expected_calibration_error:.3f}")


def draw_roc(figure: SubFigure, curves: Sequence[RankingCurve], letters: FontCoverage) -> None:
    """True positives against false positives."""
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=GRAY, linestyle=":", linewidth=1.2)
    _draw_curves(axes, curves, letters)
    axes.set_xlabel("false positive rate")
    axes.set_ylabel("true positive rate")
    set_title(axes, "ROC curve", describe_areas(curves, "area under the curve (AUC)"))


def draw_pr(figure: SubFigure, curves: Sequence[RankingCurve], letters: FontCoverage) -> None:
    """Precision against recall, in steps."""
    axes = figure.subplots()
    if len(curves) == 1:
        axes.axhline(curves[0].share, color=GRAY, linestyle=":", linewidth=1.2)
    _draw_curves(axes, curves, letters, steps=True)
    axes.set_xlabel("recall")
    axes.set_ylabel("precision")
    set_title(axes, "Precision-recall curve", describe_areas(curves, "average precision"))


def _draw_curves(axes: Axes, curves: Sequence[RankingCurve], letters: FontCoverage, steps: bool = False) -> None:
    """The curves and their legend; left to itself, that would pass over a class whose name begins with "_"."""
    named = {}
    for position, one in enumerate(select_curves(curves)):
        [drawn] = axes.plot(one.x, one.y, drawstyle="steps-pre" if steps else "default", **line_style(position))
        named[drawn] = f"{letters.label(one.label, 20)}: {one.area:.3f}"
    axes.legend(list(named), list(named.values()), fontsize=8)
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.03)


def select_curves(curves: Sequence[RankingCurve]) -> list[RankingCurve]:
    """The classes that are drawn: all, or those of the smallest areas, the smallest first."""
    return list(curves) if len(curves) <= MAX_CURVES else sorted(curves, key=lambda one: one.area)[:MAX_CURVES]


def describe_areas(curves: Sequence[RankingCurve], area: str) -> str:
    """What the figures in the legend are, and whose curves are left out."""
    if len(curves) == 1:
        return f"{area}: {curves[0].area:.3f}"
    mean = sum(one.area for one in curves) / len(curves)
    drawn = f"the {MAX_CURVES} lowest of {len(curves)}" if len(curves) > MAX_CURVES else "one-vs-rest"
    return f"{area}, {drawn}; mean of all {mean:.3f}"
