"""The progress bar of `zoo train`: a listener to the moments of a run, as any plugin could be."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from zoo_core import hookimpl


class ProgressBar:
    """Draws the epochs on standard error while a run trains."""

    def __init__(self) -> None:
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[figures]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.task = self.progress.add_task("reading data", total=None, figures="")
        self.epochs = 0
        self.progress.start()

    @hookimpl
    def zoo_run_started(self, settings: dict[str, Any]) -> None:
        self.epochs = settings["training"]["epochs"]
        self.progress.update(self.task, total=self.epochs, description=f"epoch 1/{self.epochs}")

    @hookimpl
    def zoo_epoch_finished(self, epoch: int, metrics: dict[str, float], best: bool) -> None:
        told = f"val_loss {metrics['val_loss']:.4f}" + (" best" if best else "")
        doing = f"epoch {min(epoch + 1, self.epochs)}/{self.epochs}"
        self.progress.update(self.task, completed=epoch, description=doing, figures=told)

    def stop(self) -> None:
        """Take the bar away."""
        self.progress.stop()


class TrialsBar:
    """Draws the cells of a swap on standard error; a cell that failed leaves a line."""

    def __init__(self, cells: int, done: int) -> None:
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.completed}/{task.total}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.task = self.progress.add_task("trials", total=cells, completed=done)
        self.progress.start()

    def step(self, description: str, failure: str = "") -> None:
        """Advance by one cell; `failure` is the line to print above the bar, if it failed."""
        if failure:
            self.progress.console.print(failure, markup=False, highlight=False)
        self.progress.update(self.task, advance=1, description=description[:50].replace("[", "("))

    def stop(self) -> None:
        """Take the bar away."""
        self.progress.stop()
