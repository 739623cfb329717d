"""The confusion matrix as a heat map: one row per true class, with counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo_core.plots.style import set_title

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure

    from zoo_core.evaluation.diagnostics import Confusion
    from zoo_core.plots.fonts import FontCoverage

MAX_CLASSES = 20  # more classes are illegible
WHITE_TEXT_SHARE = 0.55  # share of the true class above which the count is white


def draw_confusion_matrix(figure: SubFigure, confusion: Confusion, fonts: FontCoverage) -> None:
    """Draw the matrix of at most MAX_CLASSES classes, those with the most errors."""
    shown = confusion.most_confused(MAX_CLASSES)
    size = len(shown.classes)
    axes = figure.subplots()
    sums = [max(sum(row), 1) for row in shown.counts]
    shares = [[count / total for count in row] for row, total in zip(shown.counts, sums, strict=True)]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto" if size > 8 else "equal")
    names = [fonts.label(name, 18 if size > 4 else 24) for name in shown.classes]
    needs_rotation = max(map(len, names)) * size > 48
    rotation: dict[str, Any] = {"rotation": 90} if needs_rotation and size > 8 else {}
    if needs_rotation and size <= 8:
        rotation = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"}
    axes.set_xticks(range(size), names, **rotation)
    axes.set_yticks(range(size), names)
    axes.grid(visible=False)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0)
    font_size = 10 if size <= 6 else 8 if size <= 12 else 6.5
    for i, row in enumerate(shown.counts):
        for j, count in enumerate(row):
            if count or size <= 6:
                color = "white" if shares[i][j] > WHITE_TEXT_SHARE else "black"
                axes.text(j, i, f"{count}", ha="center", va="center", fontsize=font_size, color=color)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    selection = (
        f"the {size} of {len(confusion.classes)} classes with the most errors; " if shown is not confusion else ""
    )
    set_title(axes, "Confusion matrix", f"{selection}number of rows; shade: share of the true class")
