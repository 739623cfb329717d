"""The style of all plots, and reproducible image files: equal data gives equal bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, FigureBase

# The color-blind safe palette of Okabe and Ito without yellow, which is hard to see on white.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LINE_STYLES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 3)))
GRAY = "#767676"  # the lightest gray that is readable on white
METADATA = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}
METADATA["pdf"] = {"CreationDate": None, "Creator": None, "Producer": None}
RC_PARAMS: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.formatter.use_mathtext": False,
    "axes.grid": True,
    "axes.labelsize": 9,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 11,
    "axes.unicode_minus": True,
    "figure.dpi": 100,
    "font.size": 9,
    "grid.alpha": 0.3,
    "grid.linewidth": 0.6,
    "legend.fontsize": 8.5,
    "legend.loc": "best",
    "legend.framealpha": 0.85,
    "lines.linewidth": 1.8,
    "savefig.dpi": 150,
    "svg.hashsalt": "textzoo",
    "text.parse_math": False,  # a dollar sign in a review does not start a formula
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
}


def image_format(path: str) -> str:
    """The image format of a file name. Raises RecipeError for an unknown format."""
    from zoo_core.errors import RecipeError

    suffix = Path(path).suffix.lower().lstrip(".")
    if suffix not in METADATA:
        raise RecipeError(f'unknown image format "{path}"', hint="use a file name in .png, .svg or .pdf")
    return suffix


def check_image(path: str, inputs: Iterable[str] = ()) -> None:
    """Check, before a figure is made, that its file has a known format, can be written, and is not read."""
    from zoo_core.filesystem.outputs import check_output

    image_format(path)
    check_output(path, inputs)


@contextmanager
def plot_style(fonts: tuple[str, ...] = ()) -> Iterator[None]:
    """Use our matplotlib settings inside the block, regardless of the user's settings."""
    import matplotlib

    from zoo_core.plots.fonts import DEFAULT_FONT, quiet_font_manager

    with quiet_font_manager(), matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(RC_PARAMS)
        matplotlib.rcParams["font.family"] = [DEFAULT_FONT, *fonts]
        yield


def save_figure(figure: Figure, path: str) -> None:
    """Write a figure atomically. Call it inside `plot_style`."""
    from zoo_core.filesystem.writing import atomic_write

    file_format = image_format(path)
    figure.draw_without_rendering()  # computes the layout
    figure.set_layout_engine("none")
    round_positions(figure)
    with atomic_write(path) as stream:
        figure.savefig(stream, format=file_format, metadata=METADATA[file_format])


def round_positions(figure: FigureBase) -> None:
    """Round all positions: the last bits of the layout solver's result vary."""
    for axes in figure.get_axes():  # type: ignore[attr-defined]
        axes.set_position(tuple(round(value, 6) for value in axes.get_position().bounds))
    for subfigure in figure.subfigs:
        box = subfigure.bbox_relative
        box.set_points(box.get_points().round(6))
        round_positions(subfigure)
    for title in figure.texts:
        x, y = title.get_position()
        title.set_position((round(x, 6), round(y, 6)))


def line_style(position: int) -> dict[str, Any]:
    """Color and dash pattern of the line at this position; each alone distinguishes neighboring lines."""
    return {"color": COLORS[position % len(COLORS)], "linestyle": LINE_STYLES[position % len(LINE_STYLES)]}


def set_title(axes: Axes, title: str, subtitle: str = "") -> None:
    """Set a left-aligned title, with a smaller subtitle below it."""
    lines = subtitle.count("\n") + 1 if subtitle else 0
    axes.set_title(title, loc="left", fontweight="bold", pad=6 + 11 * lines)
    if subtitle:
        axes.annotate(
            subtitle, (0, 1), (0, 5), xycoords="axes fraction", textcoords="offset points", fontsize=8, color="#444444"
        )
