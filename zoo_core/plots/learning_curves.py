"""Learning curves: training and validation loss, and below them the validation metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo_core.plots.style import COLORS, GRAY, LINE_STYLES, set_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

    from zoo_core.plots.fonts import FontCoverage
    from zoo_core.plots.panels import History

MAX_MARKED_EPOCHS = 30  # up to this number, each epoch has a dot
MAX_INSIDE_LEGEND = 4  # metrics; a longer legend is placed beside the plot
MAX_NAME_LENGTH = 30  # columns of a metric's name


def draw_learning_curves(figure: SubFigure, history: History, fonts: FontCoverage) -> None:
    """Draw losses above metrics with a shared x axis; a vertical line marks the best epoch."""
    losses = [name for name in ("train_loss", "val_loss") if name in history.metrics]
    metrics = [name for name in history.metrics if name.startswith("val_") and name not in losses]
    groups = [group for group in (losses, metrics) if group]
    panels = figure.subplots(len(groups), 1, sharex=True, squeeze=False)[:, 0]
    for axes, group, label in zip(panels, groups, ["loss", "validation"] if losses else ["validation"], strict=False):
        for position, name in enumerate(group):
            legend_name = {"train_loss": "training", "val_loss": "validation"}.get(
                name, fonts.label(name.removeprefix("val_"), MAX_NAME_LENGTH)
            )
            _plot_line(axes, history, name, legend_name, position)
        axes.axvline(history.best_epoch, color=GRAY, linewidth=1, linestyle=(0, (3, 2)))
        axes.set_ylabel(label)
        if len(group) > MAX_INSIDE_LEGEND:
            axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=6.5, frameon=False)
        else:
            axes.legend()
    is_single_epoch = len(history.epochs) == 1
    monitor = fonts.label(history.monitor, MAX_NAME_LENGTH)
    subtitle = f"best epoch {history.best_epoch} of {len(history.epochs)}, by validation {monitor}"
    set_title(panels[0], "Learning curves", "one epoch" if is_single_epoch else subtitle)
    panels[-1].set_xlabel("epoch")
    panels[-1].xaxis.get_major_locator().set_params(integer=True)
    if is_single_epoch:
        panels[-1].set_xticks(list(history.epochs))


def _plot_line(axes: Axes, history: History, name: str, label: str, position: int) -> None:
    marker = "o" if len(history.epochs) <= MAX_MARKED_EPOCHS else ""
    cycle = position // len(COLORS)  # shifts the line style after each cycle through the colors
    color, dashes = COLORS[position % len(COLORS)], LINE_STYLES[(position + cycle) % len(LINE_STYLES)]
    values = history.metrics[name]
    axes.plot(history.epochs, values, color=color, linestyle=dashes, marker=marker, markersize=3, label=label)
    if history.best_epoch in history.epochs:
        best = values[history.epochs.index(history.best_epoch)]
        axes.plot([history.best_epoch], [best], color=color, marker="o", markersize=6, markeredgecolor="white")
