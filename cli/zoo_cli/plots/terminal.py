"""Charts in characters: as wide as the terminal, colored only where there is one."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Sequence

from attrs import frozen

from zoo_cli.streams import data_stream

MAX_WIDTH = 100  # columns
CHART_ROWS = 18  # of a chart, its frame included
# Okabe and Ito's, as near as the 256 colors of a terminal come; where there is none, a line has its own character
COLORS = (74, 178, 36, 175, 166, 32)
MARKS = ("braille", "x", "o", "+", "*", "#")
MARK_SPACING = 3  # columns from one character of a line to the next


@frozen
class Line:
    """A line of a chart: its name and its points. One without a name is there to compare with."""

    name: str
    x: Sequence[float]
    y: Sequence[float]


def terminal_width() -> int:
    """Columns there are: the terminal's, or 80."""
    return max(40, min(shutil.get_terminal_size().columns, MAX_WIDTH))


def supports_color() -> bool:
    """Whether standard output is a terminal that wants color."""
    return data_stream().isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def colorize(text: str, color: int) -> str:
    """A text in a color, where there is color."""
    return f"\x1b[38;5;{color}m{text}\x1b[0m" if supports_color() else text


def bold(text: str) -> str:
    """A heading."""
    return f"\x1b[1m{text}\x1b[0m" if supports_color() else text


def draw_chart(lines: Sequence[Line], axis: str, *, unit: bool = False) -> str:
    """Lines over one another, under their names; `unit` where both axes go from 0 to 1."""
    import plotext  # type: ignore[import-untyped]

    figure = plotext.figure
    figure.clear()
    figure.theme("colorless")
    figure.plot_size(terminal_width(), CHART_ROWS)
    names = []
    for position, one in sorted(enumerate(lines), key=lambda pair: bool(pair[1].name)):  # what compares is below
        mark, color = MARKS[position % len(MARKS)], COLORS[position % len(COLORS)]
        if len(one.x) == 1 and mark == "braille":
            mark = "•"
        if not one.name:
            mark, color = ".", 244
        x, y = (one.x, one.y) if mark == "braille" else space_evenly(one, lines)
        signal = figure.signal(list(x), list(y), marker=plotext.marker(mark, plotext.pixel(color)))
        signal.lines(mark == "braille")
        figure.draw(signal)
        if one.name:
            names.append(f"{colorize('⠤⠤' if mark == 'braille' else mark, color)} {one.name}")
    for side, values in (("x", [v for one in lines for v in one.x]), ("y", [v for one in lines for v in one.y])):
        if unit:
            figure.ruler(side).lim(0, 1)
        if not unit and len(set(values)) == 1:
            figure.ruler(side).lim(values[0] - 1, values[0] + 1)
        at = round_ticks(*((0.0, 1.0) if unit else (min(values), max(values))), whole=all(v == int(v) for v in values))
        figure.ruler(side).ticks(at, [f"{one:g}" for one in at])
    figure.label(axis)
    drawn = figure.build().string(colorless=not supports_color())
    rows = [row.rstrip() for row in drawn.rstrip("\n").split("\n")]
    return "\n".join([*wrap_legend(names), *rows])


def display_width(text: str) -> int:
    """Columns that a text takes."""
    from rich.text import Text

    return Text.from_ansi(text).cell_len


def wrap_legend(names: Sequence[str]) -> list[str]:
    """Names side by side, on as many lines as they need."""
    lines: list[str] = []
    for name in names:
        joined = f"{lines[-1]}   {name}" if lines else f"  {name}"
        if lines and display_width(joined) <= terminal_width():
            lines[-1] = joined
        else:
            lines.append(f"  {name}")
    return lines


def space_evenly(one: Line, lines: Sequence[Line]) -> tuple[Sequence[float], Sequence[float]]:
    """Points of a line, equally far apart on the chart that these lines share."""
    import numpy as np

    if len(one.x) < 2:
        return one.x, one.y
    x, y = np.asarray(one.x, float), np.asarray(one.y, float)
    wide = np.ptp([value for each in lines for value in (min(each.x), max(each.x))]) or 1.0
    high = np.ptp([value for each in lines for value in (min(each.y), max(each.y))]) or 1.0
    steps = np.hypot(np.diff(x) / wide * terminal_width(), np.diff(y) / high * CHART_ROWS)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.linspace(0, along[-1], max(2, int(along[-1] / MARK_SPACING)))
    return np.interp(at, along, x).tolist(), np.interp(at, along, y).tolist()


def round_ticks(low: float, high: float, *, whole: bool = False) -> list[float]:
    """About five round numbers from low to high.

    >>> round_ticks(-5, 5), round_ticks(1, 12, whole=True), round_ticks(3, 3)
    ([-4.0, -2.0, 0.0, 2.0, 4.0], [5, 10], [3])
    """
    if low == high:
        return [low]
    rough = (high - low) / 5
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(one * scale for one in (1, 2, 5, 10) if one * scale >= rough * 0.999)
    step = max(1, round(step)) if whole else step
    return [round(i * step, 12) for i in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
