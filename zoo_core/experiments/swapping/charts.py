"""The plots of a swap: confidence intervals of the variants and their differences, and learning curves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo_core.plots.style import COLORS, GRAY, line_style, plot_style, save_figure, set_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from zoo_core.experiments.results import SwapResults
    from zoo_core.plots.figure import PlotFigure
    from zoo_core.plots.fonts import FontCoverage

MAX_VARIANTS = 7  # more learning curves are hard to distinguish


def write_swap_charts(results: SwapResults, folder: Path) -> None:
    """Write `intervals.svg` and `curves.svg` into the folder of a swap."""
    from zoo_core.plots.fonts import find_fonts

    fonts = find_fonts(variant.name for variant in results.design.variants.compatible)
    with plot_style(fonts.families):
        save_figure(plot_intervals(results, fonts), str(folder / "intervals.svg"))
        figure = plot_learning_curves(results, folder, fonts)
        if figure is not None:
            save_figure(figure, str(folder / "curves.svg"))


def interval_figure(results: SwapResults) -> PlotFigure:
    """The figure of `plot_intervals`, in the style of all plots and the fonts that it needs."""
    from zoo_core.plots.figure import finish
    from zoo_core.plots.fonts import find_fonts

    fonts = find_fonts(variant.name for variant in results.design.variants.compatible)
    with plot_style(fonts.families):
        return finish(plot_intervals(results, fonts), fonts.families)


def plot_intervals(results: SwapResults, fonts: FontCoverage) -> PlotFigure:
    """Plot the interval of each variant, baseline first, and beside it the paired difference from the baseline."""
    from zoo_core.plots.figure import PlotFigure

    summaries = [summary for summary in results.summaries if summary is not None]
    comparisons = {comparison.variant: comparison for comparison in results.comparisons}
    wide = bool(comparisons)
    figure = PlotFigure(10.0 if wide else 6.0, 1.6 + 0.4 * max(len(summaries), 1))
    axes = figure.subplots(1, 2 if wide else 1, squeeze=False)[0]
    names = [fonts.label(summary.name, 30) for summary in summaries]
    for row, summary in enumerate(summaries):
        _draw_interval(axes[0], row, summary.mean, summary.interval, COLORS[0])
    _label_rows(axes[0], names)
    set_title(axes[0], results.metric, f"mean and 95% CI; {_describe_evaluation(results)}")
    if wide:
        for row, summary in enumerate(summaries):
            if summary.name in comparisons:
                comparison = comparisons[summary.name]
                color = COLORS[1] if comparison.verdict != "not shown" else GRAY
                _draw_interval(axes[1], row, comparison.result.difference, comparison.result.interval, color)
        axes[1].axvline(0, color=GRAY, linewidth=1, linestyle=(0, (3, 2)))
        _label_rows(axes[1], [""] * len(names))
        set_title(axes[1], "Difference from the baseline", "paired, 95% CI, uncorrected; gray: not significant (Holm)")
    return figure


def _describe_evaluation(results: SwapResults) -> str:
    from zoo_core.messages import pluralize

    rows = results.design.rows
    where = f"{rows.folds} folds" if rows.folds else {"val": "validation split", "test": "test split"}[rows.split]
    return f"{where}, {pluralize(results.design.seeds, 'seed')}"


def _draw_interval(axes: Axes, row: int, center: float, interval: Any, color: str) -> None:
    from math import isfinite

    if isfinite(interval.low) and isfinite(interval.high):
        axes.plot([interval.low, interval.high], [row, row], color=color, linewidth=2)
    axes.plot([center], [row], color=color, marker="o", markersize=6)


def _label_rows(axes: Axes, names: list[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def plot_learning_curves(results: SwapResults, folder: Path, fonts: FontCoverage) -> PlotFigure | None:
    """Plot the validation loss of each trial in the color of its variant; None if no trial is done."""
    from matplotlib.ticker import MaxNLocator

    from zoo_core.messages import pluralize
    from zoo_core.plots.figure import PlotFigure
    from zoo_core.runs.history import read_history

    figure = PlotFigure(9.0, 4.2)
    axes = figure.subplots()
    labeled: set[int] = set()
    for record in results.records:
        if record["status"] != "done" or record["variant"] >= MAX_VARIANTS:
            continue
        name = results.design.variants.compatible[record["variant"]].name
        history = read_history(folder / "trials" / record["trial"], best_epoch=record["best_epoch"], monitor="loss")
        label = fonts.label(name, 30) if record["variant"] not in labeled else None
        labeled.add(record["variant"])
        values = history.metrics["val_loss"]
        axes.plot(history.epochs, values, label=label, alpha=0.7, linewidth=1.2, **line_style(record["variant"]))
        if history.best_epoch in history.epochs:
            best = values[history.epochs.index(history.best_epoch)]
            axes.plot(
                [history.best_epoch], [best], marker="o", markersize=3.5, color=COLORS[record["variant"] % len(COLORS)]
            )
    if not labeled:
        return None
    axes.set_xlabel("epoch")
    axes.set_ylabel("validation loss")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.legend(loc="outside right upper")
    omitted = len(results.design.variants.compatible) - MAX_VARIANTS
    subtitle = "one line per trial, a dot at the best epoch"
    set_title(
        axes,
        "Learning curves",
        f"{subtitle}; {pluralize(omitted, 'more variant')} not plotted" if omitted > 0 else subtitle,
    )
    return figure
