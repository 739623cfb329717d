"""The look of every picture, and how it becomes a file: the same bytes for the same points."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, FigureBase

# Okabe and Ito's colors, which people with any kind of color vision tell apart, without the yellow: white drowns it
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
LINE_STYLES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 3)))
GRAY = "#767676"  # the lightest that can be read on white
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
    "text.parse_math": False,  # a price in a review is no formula
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
}


def image_format(path: str) -> str:
    """The format a file's name asks for; RecipeError for one that is not known."""
    from zoo_core.errors import RecipeError

    form = Path(path).suffix.lower().lstrip(".")
    if form not in METADATA:
        raise RecipeError(f'unknown image format "{path}"', hint="use a file name in .png, .svg or .pdf")
    return form


@contextmanager
def plot_style(fonts: tuple[str, ...] = ()) -> Iterator[None]:
    """Matplotlib's settings as they are here, whatever the user's own are, for as long as a picture is drawn."""
    import logging

    import matplotlib

    log = logging.getLogger("matplotlib.font_manager")  # which warns of a font that has no bold of its own
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with matplotlib.rc_context():
            matplotlib.rcdefaults()
            matplotlib.rcParams.update(RC_PARAMS)
            matplotlib.rcParams["font.family"] = ["DejaVu Sans", *fonts]
            yield
    finally:
        log.setLevel(level)


def save_figure(figure: Figure, path: str) -> None:
    """Write a picture, whole or not at all. Inside `look`."""
    from zoo_core.filesystem import atomic_write

    form = image_format(path)
    figure.draw_without_rendering()  # which lays it out
    figure.set_layout_engine("none")
    round_positions(figure)
    with atomic_write(path) as stream:
        figure.savefig(stream, format=form, metadata=METADATA[form])


def round_positions(figure: FigureBase) -> None:
    """Round where things stand: the solver of the layout leaves the last bits to chance."""
    for axes in figure.get_axes():  # type: ignore[attr-defined]
        axes.set_position(tuple(round(one, 6) for one in axes.get_position().bounds))
    for part in figure.subfigs:
        box = part.bbox_relative
        box.set_points(box.get_points().round(6))
        round_positions(part)
    for title in figure.texts:
        x, y = title.get_position()
        title.set_position((round(x, 6), round(y, 6)))


def line_style(position: int) -> dict[str, Any]:
    """Color and dashes of the line in this place: either alone tells it from its neighbors."""
    return {"color": COLORS[position % len(COLORS)], "linestyle": LINE_STYLES[position % len(LINE_STYLES)]}


def set_title(axes: Axes, title: str, under: str = "") -> None:
    """A title at the left, and a smaller line or two under it."""
    lines = under.count("\n") + 1 if under else 0
    axes.set_title(title, loc="left", fontweight="bold", pad=6 + 11 * lines)
    if under:
        axes.annotate(
            under, (0, 1), (0, 5), xycoords="axes fraction", textcoords="offset points", fontsize=8, color="#444444"
        )
