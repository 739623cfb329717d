"""Listeners of one training, for Python code: a function for each epoch, and lines of progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TextIO

from attrs import define, frozen

OnEpoch = Callable[[int, dict[str, float], bool], object]  # the number of the epoch, its metrics, whether it is best


class EpochListener(Protocol):
    """What is told of the start of a training and of each epoch."""

    def started(self, settings: Mapping[str, Any]) -> None:
        """The settings of the recipe as plain values."""

    def epoch_finished(self, epoch: int, metrics: dict[str, float], best: bool) -> None:
        """As the hook `zoo_epoch_finished`."""

    def finished(self) -> None:
        """The training ended, or failed."""


@frozen
class CallOnEpoch:
    """Calls a function after each epoch."""

    function: OnEpoch

    def started(self, settings: Mapping[str, Any]) -> None:
        """Do nothing."""

    def epoch_finished(self, epoch: int, metrics: dict[str, float], best: bool) -> None:
        """Call the function with a copy of the metrics."""
        self.function(epoch, dict(metrics), best)

    def finished(self) -> None:
        """Do nothing."""


@define
class ProgressLine:
    """A line of progress on standard error, written over after each epoch; one line each where there is no terminal."""

    stream: TextIO
    epochs: int = 0
    width: int = 0

    def started(self, settings: Mapping[str, Any]) -> None:
        """Learn the number of epochs."""
        self.epochs = settings["training"]["epochs"]

    def epoch_finished(self, epoch: int, metrics: dict[str, float], best: bool) -> None:
        """Write the losses and metrics of the epoch."""
        values = "  ".join(f"{name} {value:.4f}" for name, value in metrics.items())
        line = f"epoch {epoch}/{self.epochs}  {values}{'  best' if best else ''}"
        if self.stream.isatty():
            print(f"\r{line:<{self.width}}", end="", file=self.stream, flush=True)
            self.width = len(line)
        else:
            print(line, file=self.stream, flush=True)

    def finished(self) -> None:
        """End the line."""
        if self.width:
            print(file=self.stream)


def epoch_listeners(on_epoch: OnEpoch | None, progress: bool) -> Sequence[EpochListener]:
    """The listeners of a training with these arguments. Raises TypeError for what cannot be called."""
    if on_epoch is not None and not callable(on_epoch):
        raise TypeError(f"on_epoch must be a function (epoch, metrics, best), not {type(on_epoch).__name__}")
    listeners: list[EpochListener] = [ProgressLine(sys.stderr)] if progress else []
    return [*listeners, *([CallOnEpoch(on_epoch)] if on_epoch else [])]
