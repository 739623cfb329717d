"""The progress bar of `zoo train`: a listener to the moments of a run, as any plugin could be."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from zoo_core import hookimpl


class ProgressBar:
    """Draws the epochs on standard error while a run trains."""

    def __init__(self) -> None:
        self.progress = Progress(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(),
            TextColumn("{task.fields[figures]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.task = self.progress.add_task("epochs", epoch=1, figures="")

    @hookimpl
    def zoo_run_started(self, plan: dict[str, Any]) -> None:
        self.progress.update(self.task, total=plan["training"]["epochs"])
        self.progress.start()

    @hookimpl
    def zoo_epoch_finished(self, epoch: int, figures: dict[str, float], best: bool) -> None:
        told = "  ".join(f"{name} {value:.4f}" for name, value in figures.items())
        self.progress.update(self.task, completed=epoch, epoch=epoch, figures=told + ("  best" if best else ""))

    def stop(self) -> None:
        """Take the bar away."""
        self.progress.stop()
