"""Learning curves: the loss of training and validation, and under it the validation's metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo_cli.plots.style import COLOURS, GREY, LINES, titled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

    from zoo_cli.plots.fonts import Letters
    from zoo_core.runs.history import History

MARKED = 30  # epochs up to which each is marked by a dot
INSIDE = 4  # figures whose names leave room for the lines
LONGEST = 30  # characters of a figure's name


def draw(figure: SubFigure, history: History, letters: Letters) -> None:
    """Both parts, one above the other over the same epochs; the best epoch is a line through both."""
    losses = [name for name in ("train_loss", "val_loss") if name in history.metrics]
    metrics = [name for name in history.metrics if name.startswith("val_") and name not in losses]
    groups = [group for group in (losses, metrics) if group]
    parts = figure.subplots(len(groups), 1, sharex=True, squeeze=False)[:, 0]
    for axes, group, label in zip(parts, groups, ["loss", "validation"] if losses else ["validation"], strict=False):
        for position, name in enumerate(group):
            shown = {"train_loss": "training", "val_loss": "validation"}.get(
                name, letters.drawn(name.removeprefix("val_"), LONGEST)
            )
            _line(axes, history, name, shown, position)
        axes.axvline(history.best_epoch, color=GREY, linewidth=1, linestyle=(0, (3, 2)))
        axes.set_ylabel(label)
        if len(group) > INSIDE:
            axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=6.5, frameon=False)
        else:
            axes.legend()
    few = len(history.epochs) == 1
    monitor = letters.drawn(history.monitor, LONGEST)
    under = f"best epoch {history.best_epoch} of {len(history.epochs)}, by validation {monitor}"
    titled(parts[0], "Learning curves", "one epoch" if few else under)
    parts[-1].set_xlabel("epoch")
    parts[-1].xaxis.get_major_locator().set_params(integer=True)
    if few:
        parts[-1].set_xticks(list(history.epochs))


def _line(axes: Axes, history: History, name: str, label: str, position: int) -> None:
    marker = "o" if len(history.epochs) <= MARKED else ""
    again = position // len(COLOURS)  # so that more figures than colors still differ
    color, dashes = COLOURS[position % len(COLOURS)], LINES[(position + again) % len(LINES)]
    values = history.metrics[name]
    axes.plot(history.epochs, values, color=color, linestyle=dashes, marker=marker, markersize=3, label=label)
    if history.best_epoch in history.epochs:
        best = values[history.epochs.index(history.best_epoch)]
        axes.plot([history.best_epoch], [best], color=color, marker="o", markersize=6, markeredgecolor="white")
