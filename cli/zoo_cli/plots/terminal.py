"""Charts made of characters: as wide as the terminal, with color if the terminal supports it."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence

from attrs import frozen

from zoo_cli.streams import data_stream, terminal_columns

MAX_WIDTH = 100  # columns
CHART_ROWS = 18  # height of a chart with its frame
# The palette of Okabe and Ito in the 256 colors of a terminal. Without color, MARKS distinguish the lines.
COLORS = (74, 178, 36, 175, 166, 32)
MARKS = ("braille", "x", "o", "+", "*", "#")
MARK_SPACING = 3  # columns between the marks of a line


@frozen
class Line:
    """A line of a chart: its name and its points. A line without a name is a reference line."""

    name: str
    x: Sequence[float]
    y: Sequence[float]


def terminal_width() -> int:
    """The width of charts in columns: that of the terminal, or 80, within limits."""
    return max(40, min(terminal_columns(), MAX_WIDTH))


def supports_color() -> bool:
    """Whether standard output is a terminal with color."""
    return data_stream().isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def colorize(text: str, color: int) -> str:
    """Color a text if color is supported."""
    return f"\x1b[38;5;{color}m{text}\x1b[0m" if supports_color() else text


def bold(text: str) -> str:
    """Make a text bold if color is supported."""
    return f"\x1b[1m{text}\x1b[0m" if supports_color() else text


def draw_chart(lines: Sequence[Line], axis: str, *, unit: bool = False) -> str:
    """Draw lines in one chart below a legend; with `unit`, both axes go from 0 to 1."""
    import plotext  # type: ignore[import-untyped]

    figure = plotext.figure
    figure.clear()
    figure.theme("colorless")
    figure.plot_size(terminal_width(), CHART_ROWS)
    names = []
    for position, line in sorted(enumerate(lines), key=lambda pair: bool(pair[1].name)):  # reference lines first
        mark, color = MARKS[position % len(MARKS)], COLORS[position % len(COLORS)]
        if len(line.x) == 1 and mark == "braille":
            mark = "•"
        if not line.name:
            mark, color = ".", 244
        x, y = (line.x, line.y) if mark == "braille" else space_evenly(line, lines)
        signal = figure.signal(list(x), list(y), marker=plotext.marker(mark, plotext.pixel(color)))
        signal.lines(mark == "braille")
        figure.draw(signal)
        if line.name:
            names.append(f"{colorize('⠤⠤' if mark == 'braille' else mark, color)} {line.name}")
    for side, values in (("x", [v for line in lines for v in line.x]), ("y", [v for line in lines for v in line.y])):
        if unit:
            figure.ruler(side).lim(0, 1)
        if not unit and len(set(values)) == 1:
            figure.ruler(side).lim(values[0] - 1, values[0] + 1)
        ticks = round_ticks(
            *((0.0, 1.0) if unit else (min(values), max(values))), whole=all(v == int(v) for v in values)
        )
        figure.ruler(side).ticks(ticks, [f"{tick:g}" for tick in ticks])
    figure.label(axis)
    text = figure.build().string(colorless=not supports_color())
    rows = [row.rstrip() for row in text.rstrip("\n").split("\n")]
    return "\n".join([*wrap_legend(names), *rows])


def display_width(text: str) -> int:
    """The number of columns that a text takes."""
    from rich.text import Text

    return Text.from_ansi(text).cell_len


def wrap_legend(names: Sequence[str]) -> list[str]:
    """Arrange names side by side in as many lines as necessary."""
    lines: list[str] = []
    for name in names:
        joined = f"{lines[-1]}   {name}" if lines else f"  {name}"
        if lines and display_width(joined) <= terminal_width():
            lines[-1] = joined
        else:
            lines.append(f"  {name}")
    return lines


def space_evenly(line: Line, lines: Sequence[Line]) -> tuple[Sequence[float], Sequence[float]]:
    """Resample a line at equal distances on the chart that these lines share."""
    import numpy as np

    if len(line.x) < 2:
        return line.x, line.y
    x, y = np.asarray(line.x, float), np.asarray(line.y, float)
    x_range = np.ptp([value for other in lines for value in (min(other.x), max(other.x))]) or 1.0
    y_range = np.ptp([value for other in lines for value in (min(other.y), max(other.y))]) or 1.0
    steps = np.hypot(np.diff(x) / x_range * terminal_width(), np.diff(y) / y_range * CHART_ROWS)
    distances = np.concatenate([[0.0], np.cumsum(steps)])
    positions = np.linspace(0, distances[-1], max(2, int(distances[-1] / MARK_SPACING)))
    return np.interp(positions, distances, x).tolist(), np.interp(positions, distances, y).tolist()


def round_ticks(low: float, high: float, *, whole: bool = False) -> list[float]:
    """About five round numbers from low to high.

    >>> round_ticks(-5, 5), round_ticks(1, 12, whole=True), round_ticks(3, 3)
    ([-4.0, -2.0, 0.0, 2.0, 4.0], [5, 10], [3])
    """
    if low == high:
        return [low]
    approximate_step = (high - low) / 5
    scale = 10.0 ** math.floor(math.log10(approximate_step))
    step = next(factor * scale for factor in (1, 2, 5, 10) if factor * scale >= approximate_step * 0.999)
    step = max(1, round(step)) if whole else step
    return [round(i * step, 12) for i in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
