"""The figure that all plots are: one of matplotlib that shows itself in a notebook and is saved reproducibly."""

from __future__ import annotations

from io import BytesIO
from os import PathLike

from matplotlib.figure import Figure

from zoo_core.plots.style import METADATA, plot_style, save_figure


class PlotFigure(Figure):
    """A matplotlib figure without pyplot: nothing is global, and a notebook shows it as the value of a cell."""

    def __init__(self, width: float, height: float, families: tuple[str, ...] = ()) -> None:
        super().__init__(figsize=(width, height), layout="constrained")
        self.families = families  # fonts that its texts need

    def save(self, path: str | PathLike[str]) -> None:
        """Write it to a .png, .svg or .pdf file: equal figures give equal bytes."""
        with plot_style(self.families):
            save_figure(self, str(path))

    def _repr_png_(self) -> bytes:
        stream = BytesIO()
        with plot_style(self.families):
            self.savefig(stream, format="png", dpi=100, metadata=METADATA["png"])
        return stream.getvalue()


def finish(figure: PlotFigure, families: tuple[str, ...]) -> PlotFigure:
    """Lay a figure out in the style of the block, so that later settings of matplotlib do not change it."""
    figure.families = families
    figure.draw_without_rendering()
    return figure
