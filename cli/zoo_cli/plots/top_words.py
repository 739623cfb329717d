"""The most telling words of each class, as bars."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from zoo_cli.plots.style import COLOURS, titled

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure

    from zoo_cli.plots.fonts import Letters
    from zoo_core.evaluation.explanation import Contribution

MOST = 24  # classes
BAR = 0.2  # inches
TITLE = "Top words: increase of the class score"


def across(classes: int) -> int:
    """How many classes stand in a row."""
    return classes if classes <= 5 else 4 if classes <= 8 else 6


def height(found: Mapping[str, Sequence[Contribution]]) -> float:
    """Inches that the bars need."""
    classes = min(len(found), MOST)
    most = max((len(words) for words in found.values()), default=0)
    return math.ceil(classes / across(classes)) * (0.85 + BAR * max(most, 1))


def draw(figure: SubFigure, found: Mapping[str, Sequence[Contribution]], letters: Letters) -> None:
    """A small panel for each class, the most telling word on top; one scale for all of them."""
    shown = list(found.items())[:MOST]
    columns = across(len(shown))
    rows = math.ceil(len(shown) / columns)
    most = max((len(words) for words in found.values()), default=1)
    widest = max((word.value for words in found.values() for word in words), default=1.0)
    for place, (label, words) in enumerate(shown):
        axes = figure.add_subplot(rows, columns, place + 1)
        values = [one.value for one in words]
        axes.barh(range(len(values)), values, color=COLOURS[0], height=0.7)
        axes.set_yticks(range(len(values)), [letters.drawn(one.token, 22 if columns <= 4 else 16) for one in words])
        axes.set_ylim(most - 0.4, -0.6)
        axes.set_xlim(0, widest * 1.05)
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=False, axis="y")
        titled(axes, letters.drawn(label, 24 if columns <= 4 else 16), "" if words else "no word increases the score")
    part = f" (the first {MOST} of {len(found)} classes)" if len(found) > MOST else ""
    figure.suptitle(f"{TITLE}{part}", x=0.01, ha="left", fontweight="bold")
