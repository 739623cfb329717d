"""The confusion matrix: a row for each true class, shaded by its share, with the counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo_cli.plots.style import set_title

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure

    from zoo_cli.plots.fonts import FontCoverage
    from zoo_core.evaluation.diagnostics import Confusion

MAX_CLASSES = 20  # classes that can be read
WHITE_TEXT_SHARE = 0.55  # share above which the count is white


def draw_confusion_matrix(figure: SubFigure, whole: Confusion, letters: FontCoverage) -> None:
    """The matrix of at most MOST classes, those of the most mistakes."""
    shown = whole.most_confused(MAX_CLASSES)
    size = len(shown.classes)
    axes = figure.subplots()
    sums = [max(sum(row), 1) for row in shown.counts]
    shares = [[count / total for count in row] for row, total in zip(shown.counts, sums, strict=True)]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto" if size > 8 else "equal")
    names = [letters.label(name, 18 if size > 4 else 24) for name in shown.classes]
    long = max(map(len, names)) * size > 48
    turned: dict[str, Any] = {"rotation": 90} if long and size > 8 else {}
    if long and size <= 8:
        turned = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"}
    axes.set_xticks(range(size), names, **turned)
    axes.set_yticks(range(size), names)
    axes.grid(visible=False)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0)
    letter = 10 if size <= 6 else 8 if size <= 12 else 6.5
    for i, row in enumerate(shown.counts):
        for j, count in enumerate(row):
            if count or size <= 6:
                color = "white" if shares[i][j] > WHITE_TEXT_SHARE else "black"
                axes.text(j, i, f"{count}", ha="center", va="center", fontsize=letter, color=color)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    part = f"the {size} of {len(whole.classes)} classes with the most errors; " if shown is not whole else ""
    set_title(axes, "Confusion matrix", f"{part}number of rows; shade: share of the true class")
