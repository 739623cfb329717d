"""The most telling words of each class, as bars."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from zoo_cli.plots.style import COLORS, set_title

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure

    from zoo_cli.plots.fonts import FontCoverage
    from zoo_core.evaluation.explanation import Contribution

MAX_CLASSES = 24  # classes
BAR_HEIGHT = 0.2  # inches
TITLE = "Top words: increase of the class score"


def panels_per_row(classes: int) -> int:
    """How many classes stand in a row."""
    return classes if classes <= 5 else 4 if classes <= 8 else 6


def chart_height(found: Mapping[str, Sequence[Contribution]]) -> float:
    """Inches that the bars need."""
    classes = min(len(found), MAX_CLASSES)
    most = max((len(words) for words in found.values()), default=0)
    return math.ceil(classes / panels_per_row(classes)) * (0.85 + BAR_HEIGHT * max(most, 1))


def draw_top_words(figure: SubFigure, found: Mapping[str, Sequence[Contribution]], letters: FontCoverage) -> None:
    """A small panel for each class, the most telling word on top; one scale for all of them."""
    shown = list(found.items())[:MAX_CLASSES]
    columns = panels_per_row(len(shown))
    rows = math.ceil(len(shown) / columns)
    most = max((len(words) for words in found.values()), default=1)
    widest = max((word.value for words in found.values() for word in words), default=1.0)
    for place, (label, words) in enumerate(shown):
        axes = figure.add_subplot(rows, columns, place + 1)
        values = [one.value for one in words]
        axes.barh(range(len(values)), values, color=COLORS[0], height=0.7)
        axes.set_yticks(range(len(values)), [letters.label(one.token, 22 if columns <= 4 else 16) for one in words])
        axes.set_ylim(most - 0.4, -0.6)
        axes.set_xlim(0, widest * 1.05)
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=False, axis="y")
        set_title(
            axes, letters.label(label, 24 if columns <= 4 else 16), "" if words else "no word increases the score"
        )
    part = f" (the first {MAX_CLASSES} of {len(found)} classes)" if len(found) > MAX_CLASSES else ""
    figure.suptitle(f"{TITLE}{part}", x=0.01, ha="left", fontweight="bold")
