"""The top words of each class as bar charts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from zoo_core.plots.style import COLORS, set_title

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure

    from zoo_core.evaluation.word_pieces import Contribution
    from zoo_core.plots.fonts import FontCoverage

MAX_CLASSES = 24  # panels on a page
BAR_HEIGHT = 0.2  # inches
TITLE = "Top words: increase of the class score"


def panels_per_row(classes: int) -> int:
    """The number of panels in a row."""
    return classes if classes <= 5 else 4 if classes <= 8 else 6


def chart_height(words_by_class: Mapping[str, Sequence[Contribution]]) -> float:
    """The height of all panels in inches."""
    classes = min(len(words_by_class), MAX_CLASSES)
    max_words = max((len(words) for words in words_by_class.values()), default=0)
    return math.ceil(classes / panels_per_row(classes)) * (0.85 + BAR_HEIGHT * max(max_words, 1))


def draw_top_words(
    figure: SubFigure, words_by_class: Mapping[str, Sequence[Contribution]], fonts: FontCoverage
) -> None:
    """Draw a small panel per class with the top word first; all panels share one scale."""
    panels = list(words_by_class.items())[:MAX_CLASSES]
    columns = panels_per_row(len(panels))
    rows = math.ceil(len(panels) / columns)
    max_words = max((len(words) for words in words_by_class.values()), default=1)
    largest = max((word.value for words in words_by_class.values() for word in words), default=1.0)
    for index, (label, words) in enumerate(panels):
        axes = figure.add_subplot(rows, columns, index + 1)
        values = [word.value for word in words]
        axes.barh(range(len(values)), values, color=COLORS[0], height=0.7)
        axes.set_yticks(range(len(values)), [fonts.label(word.token, 22 if columns <= 4 else 16) for word in words])
        axes.set_ylim(max_words - 0.4, -0.6)
        axes.set_xlim(0, largest * 1.05)
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=False, axis="y")
        set_title(axes, fonts.label(label, 24 if columns <= 4 else 16), "" if words else "no word increases the score")
    selection = (
        f" (the first {MAX_CLASSES} of {len(words_by_class)} classes)" if len(words_by_class) > MAX_CLASSES else ""
    )
    figure.suptitle(f"{TITLE}{selection}", x=0.01, ha="left", fontweight="bold")
