"""The pictures of a swap: each choice's figure with its interval and its difference, and the courses of training."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo_cli.plots.style import COLORS, GRAY, line_style, plot_style, save_figure, set_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from zoo_cli.plots.fonts import FontCoverage
    from zoo_core.experiments.results import SwapResults

MAX_VARIANTS = 7  # choices whose courses can be told apart


def write_swap_charts(results: SwapResults, folder: Path) -> None:
    """`intervals.svg` and `curves.svg` in the folder of a swap."""
    from zoo_cli.plots.fonts import find_fonts

    letters = find_fonts(choice.name for choice in results.design.variants.compatible)
    with plot_style(letters.fonts):
        save_figure(plot_intervals(results, letters), str(folder / "intervals.svg"))
        figure = plot_learning_curves(results, folder, letters)
        if figure is not None:
            save_figure(figure, str(folder / "curves.svg"))


def plot_intervals(results: SwapResults, letters: FontCoverage) -> Figure:
    """A line for each choice, the baseline on top; beside it the paired difference from the baseline."""
    from matplotlib.figure import Figure

    known = [one for one in results.summaries if one is not None]
    compared = {one.variant: one for one in results.comparisons}
    wide = bool(compared)
    figure = Figure(figsize=(10.0 if wide else 6.0, 1.6 + 0.4 * max(len(known), 1)), layout="constrained")
    axes = figure.subplots(1, 2 if wide else 1, squeeze=False)[0]
    names = [letters.label(one.name, 30) for one in known]
    for place, one in enumerate(known):
        _draw_interval(axes[0], place, one.mean, one.interval, COLORS[0])
    _label_rows(axes[0], names)
    set_title(axes[0], results.metric, f"mean and 95% CI; {_describe_evaluation(results)}")
    if wide:
        for place, standing in enumerate(known):
            if standing.name in compared:
                found = compared[standing.name]
                color = COLORS[1] if found.verdict != "not shown" else GRAY
                _draw_interval(axes[1], place, found.result.difference, found.result.interval, color)
        axes[1].axvline(0, color=GRAY, linewidth=1, linestyle=(0, (3, 2)))
        _label_rows(axes[1], [""] * len(names))
        set_title(axes[1], "Difference from the baseline", "paired, 95% CI, uncorrected; gray: not significant (Holm)")
    return figure


def _describe_evaluation(results: SwapResults) -> str:
    from zoo_core.messages import pluralize

    rows = results.design.rows
    where = f"{rows.folds} folds" if rows.folds else {"val": "validation split", "test": "test split"}[rows.split]
    return f"{where}, {pluralize(results.design.seeds, 'seed')}"


def _draw_interval(axes: Axes, place: int, middle: float, interval: Any, color: str) -> None:
    from math import isfinite

    if isfinite(interval.low) and isfinite(interval.high):
        axes.plot([interval.low, interval.high], [place, place], color=color, linewidth=2)
    axes.plot([middle], [place], color=color, marker="o", markersize=6)


def _label_rows(axes: Axes, names: list[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def plot_learning_curves(results: SwapResults, folder: Path, letters: FontCoverage) -> Figure | None:
    """The validation's loss after each epoch, a line for each cell in the color of its choice; None for no cell."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    from zoo_core.messages import pluralize
    from zoo_core.runs.history import read_history

    figure = Figure(figsize=(9.0, 4.2), layout="constrained")
    axes = figure.subplots()
    named: set[int] = set()
    for record in results.records:
        if record["status"] != "done" or record["variant"] >= MAX_VARIANTS:
            continue
        name = results.design.variants.compatible[record["variant"]].name
        found = read_history(folder / "trials" / record["trial"], best_epoch=record["best_epoch"], monitor="loss")
        label = letters.label(name, 30) if record["variant"] not in named else None
        named.add(record["variant"])
        values = found.metrics["val_loss"]
        axes.plot(found.epochs, values, label=label, alpha=0.7, linewidth=1.2, **line_style(record["variant"]))
        if found.best_epoch in found.epochs:
            best = values[found.epochs.index(found.best_epoch)]
            axes.plot(
                [found.best_epoch], [best], marker="o", markersize=3.5, color=COLORS[record["variant"] % len(COLORS)]
            )
    if not named:
        return None
    axes.set_xlabel("epoch")
    axes.set_ylabel("validation loss")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.legend(loc="outside right upper")
    more = len(results.design.variants.compatible) - MAX_VARIANTS
    under = "one line per trial, a dot at the best epoch"
    set_title(axes, "Learning curves", f"{under}; {pluralize(more, 'more variant')} not plotted" if more > 0 else under)
    return figure
