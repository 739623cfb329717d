"""Plots of activations and losses, one panel each."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from zoo_core.plots.style import GRAY, line_style, set_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from zoo_core.evaluation.component_curves import ActivationCurve, LossCurve
    from zoo_core.plots.figure import PlotFigure
    from zoo_core.plots.fonts import FontCoverage

PANEL_WIDTH, PANEL_HEIGHT = 3.7, 3.1  # inches
WRAP_COLUMNS = 50  # characters per line under the title of a panel
JUMP_SHARE = 0.25  # a step of this share of the height is a discontinuity: the line has a gap


def plot_activations(curves: Sequence[ActivationCurve], fonts: FontCoverage) -> PlotFigure:
    """Plot each activation and its derivative."""
    figure, panels = make_panels(len(curves))
    for axes, curve in zip(panels, curves, strict=True):
        set_heading(axes, fonts.label(curve.name, 40), fonts.label(curve.about, 400), curve.of)
        axes.axhline(0, color=GRAY, linewidth=0.8)
        axes.axvline(0, color=GRAY, linewidth=0.8)
        plot_with_gaps(axes, curve.x, curve.y, "f(x)", 0)
        plot_with_gaps(axes, curve.x, curve.slope, "f′(x)", 1)
        axes.set_xlabel("x")
        axes.legend()
    return figure


def plot_losses(curves: Sequence[LossCurve], fonts: FontCoverage) -> PlotFigure:
    """Plot each loss against the score, one line per target."""
    figure, panels = make_panels(len(curves))
    for axes, curve in zip(panels, curves, strict=True):
        set_heading(axes, fonts.label(curve.name, 40), fonts.label(curve.about, 400), curve.of)
        for position, (target, values) in enumerate(zip(curve.targets, curve.values, strict=True)):
            plot_with_gaps(axes, curve.x, values, target, position)
        axes.set_xlabel(curve.axis)
        axes.set_ylabel("loss")
        axes.set_ylim(bottom=min(0, *(min(values) for values in curve.values)))
        axes.legend()
    return figure


def figure_of_curves(curves: Sequence[ActivationCurve] | Sequence[LossCurve]) -> PlotFigure:
    """The figure of activations, or of losses, in the style of all plots and the fonts that it needs."""
    from zoo_core.evaluation.component_curves import LossCurve
    from zoo_core.plots.figure import finish
    from zoo_core.plots.fonts import find_fonts
    from zoo_core.plots.style import plot_style

    fonts = find_fonts(text for curve in curves for text in (curve.name, curve.about))
    with plot_style(fonts.families):
        losses = [curve for curve in curves if isinstance(curve, LossCurve)]
        activations = [curve for curve in curves if not isinstance(curve, LossCurve)]
        figure = plot_losses(losses, fonts) if losses else plot_activations(activations, fonts)
        return finish(figure, fonts.families)


def make_panels(panels: int) -> tuple[PlotFigure, list[Axes]]:
    """Create a roughly square figure with this number of panels."""
    from zoo_core.plots.figure import PlotFigure

    columns = min(panels, 3) if panels not in (4, 7, 8) and panels < 10 else 4 if panels > 4 else 2
    rows = math.ceil(panels / columns)
    figure = PlotFigure(max(PANEL_WIDTH * columns, 4.5), PANEL_HEIGHT * rows)
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08)  # type: ignore[union-attr, call-arg]
    return figure, [figure.add_subplot(rows, columns, 1 + index) for index in range(panels)]


def set_heading(axes: Axes, name: str, about: str, of: str) -> None:
    """Set the title, and below it the formula and what is plotted."""
    lines = textwrap.wrap(about, WRAP_COLUMNS, max_lines=3, placeholder=" …") + ([f"plotted: {of}"] if of else [])
    set_title(axes, name, "\n".join(lines))


def plot_with_gaps(axes: Axes, x: Sequence[float], y: Sequence[float], label: str, position: int) -> None:
    """Plot a line with gaps at discontinuities."""
    height = (max(y) - min(y)) or 1.0
    xs, ys = [x[0]], [y[0]]
    for previous, (position_x, value) in zip(y[:-1], zip(x[1:], y[1:], strict=True), strict=True):
        if abs(value - previous) > JUMP_SHARE * height:
            xs.append(position_x)
            ys.append(math.nan)
        xs.append(position_x)
        ys.append(value)
    axes.plot(xs, ys, label=label, **line_style(position))
