"""Progress bars on standard error: the epochs of `zoo train` and the trials of `zoo swap`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from zoo_cli.loading_line import end_loading
from zoo_cli.terminal_streams import styled_stream
from zoo_core import hookimpl
from zoo_core.messages import message_line


class ProgressBar:
    """The epochs of a training run. A listener with the event hooks that plugins use."""

    def __init__(self) -> None:
        end_loading()
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[metrics]}"),
            TimeElapsedColumn(),
            console=Console(file=styled_stream(sys.stderr)),
            transient=True,
        )
        self.task = self.progress.add_task("reading data, loading torch", total=None, metrics="")
        self.epochs = 0
        self.progress.start()

    @hookimpl
    def zoo_run_started(self, settings: dict[str, Any]) -> None:
        self.epochs = settings["training"]["epochs"]
        self.progress.update(self.task, total=self.epochs, description=f"epoch 1/{self.epochs}")

    @hookimpl
    def zoo_epoch_finished(self, epoch: int, metrics: dict[str, float], best: bool) -> None:
        text = f"val_loss {metrics['val_loss']:.4f}" + (" best" if best else "")
        description = f"epoch {min(epoch + 1, self.epochs)}/{self.epochs}"
        self.progress.update(self.task, completed=epoch, description=description, metrics=text)

    def print_line(self, text: str) -> None:
        """Print a line that stays above the bar."""
        self.progress.console.print(message_line(text), markup=False, highlight=False, soft_wrap=True)

    def stop(self) -> None:
        """Remove the bar."""
        self.progress.stop()


class EpochLines:
    """A line for each epoch of a training: losses, metrics and seconds. A listener with the event hooks."""

    def __init__(self, print_line: Callable[[str], None]) -> None:
        self.print_line = print_line
        self.epochs, self.start = 0, time.perf_counter()

    @hookimpl
    def zoo_run_started(self, settings: dict[str, Any]) -> None:
        self.epochs, self.start = settings["training"]["epochs"], time.perf_counter()

    @hookimpl
    def zoo_epoch_finished(self, epoch: int, metrics: dict[str, float], best: bool) -> None:
        now = time.perf_counter()
        values = "  ".join(f"{name} {value:.4f}" for name, value in metrics.items())
        self.print_line(f"epoch {epoch}/{self.epochs}  {values}  {now - self.start:.2f} s{'  best' if best else ''}")
        self.start = now


class TrialsBar:
    """The trials of a swap, or other trainings; a failed one leaves a line above the bar."""

    def __init__(self, trials: int, done: int = 0, name: str = "trials") -> None:
        end_loading()
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.completed}/{task.total}"),
            TimeRemainingColumn(),
            console=Console(file=styled_stream(sys.stderr)),
            transient=True,
        )
        self.task = self.progress.add_task(name, total=trials, completed=done)
        self.progress.start()

    def step(self, description: str, failure: str = "") -> None:
        """Advance by one trial; `failure` is the line to print above the bar, if the trial failed."""
        if failure:
            self.progress.console.print(message_line(failure), markup=False, highlight=False)
        shown = message_line(description)[:50].replace("[", "(")
        self.progress.update(self.task, advance=1, description=shown)

    def stop(self) -> None:
        """Remove the bar."""
        self.progress.stop()
