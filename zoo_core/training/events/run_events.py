"""The events of one run, sent to the listeners of plugins and of Python code."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from attrs import define, field, frozen
from torch import Tensor

from zoo_core.config.zoo import Zoo
from zoo_core.errors import Terminated, ZooError
from zoo_core.plugins.plugin_source import describe_exception
from zoo_core.seeds import preserve_rng_state
from zoo_core.training.events.epoch_listeners import EpochListener

FAILED = 1  # the exit code of an error that is not one of ours


@frozen
class RunPlace:
    """Which run sends events: its id, its folder, the name of its recipe, and its place in a swap."""

    run_id: str
    folder: str
    recipe: str
    trial: Mapping[str, Any] = {}

    @classmethod
    def of(cls, folder: Path, recipe: str, recipe_text: str, data: str, trial: Mapping[str, Any]) -> RunPlace:
        """The place of a run. Its id is the same when it is resumed, and another for another folder, recipe or data."""
        identity = "\n".join((str(folder.absolute()), recipe_text, data))
        return cls(
            sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()[:16],
            str(folder.absolute()),
            recipe,
            dict(trial),
        )


@define(eq=False)
class RunEvents:
    """Sends the events of a run. What listeners do does not change it: the torch generators are restored."""

    zoo: Zoo
    place: RunPlace
    listeners: Sequence[EpochListener] = ()
    has_ended: bool = False
    is_interrupted: bool = False
    batch_arguments: list[str] | None = field(init=False)  # those that listeners name; None if nobody listens

    @batch_arguments.default
    def _listened(self) -> list[str] | None:
        listeners = self.zoo.plugins.implementations("zoo_batch_finished")
        return [name for _, listener in listeners for name in listener.arguments] if listeners else None

    def send(self, hook: str, **event: Any) -> None:
        """Send an event with the id of the run."""
        with preserve_rng_state():
            self.zoo.plugins.notify(hook, run_id=self.place.run_id, **event)

    def started(self, settings: Mapping[str, Any], **event: Any) -> None:
        """The training starts."""
        for listener in self.listeners:
            listener.started(settings)
        place = self.place
        self.send(
            "zoo_run_started", folder=place.folder, recipe=place.recipe, trial=place.trial, settings=settings, **event
        )

    def batch_finished(self, optimizer: torch.optim.Optimizer, loss: Tensor, **event: int) -> None:
        """A batch was trained on. Its loss is read from the device only if a listener asks for it."""
        if self.batch_arguments is None:
            return
        value = float(loss) if "loss" in self.batch_arguments else math.nan
        self.send("zoo_batch_finished", loss=value, learning_rate=learning_rate(optimizer), **event)

    def epoch_finished(
        self, optimizer: torch.optim.Optimizer, epoch: int, metrics: dict[str, float], best: bool
    ) -> None:
        """An epoch ended."""
        rate = learning_rate(optimizer)
        self.send("zoo_epoch_finished", epoch=epoch, metrics=dict(metrics), best=best, learning_rate=rate)
        for listener in self.listeners:
            with preserve_rng_state():
                listener.epoch_finished(epoch, dict(metrics), best)

    def interrupted(self, signal: str, epochs: int) -> None:
        """A signal ended the training after this many epochs."""
        self.is_interrupted = True
        self.send("zoo_run_interrupted", signal=signal, epochs=epochs)

    def finished(self, summary: dict[str, Any]) -> None:
        """The folder of the run is written."""
        self.has_ended = True
        self.send("zoo_run_finished", summary=summary)

    @contextmanager
    def sending_the_end(self) -> Iterator[None]:
        """Send how the run ends, if it ends otherwise than by `finished`."""
        try:
            yield
        except KeyboardInterrupt as stop:
            if not (self.has_ended or self.is_interrupted):
                self.interrupted(signal_name(stop), 0)
            raise
        except BaseException as error:
            if not self.has_ended:
                exit_code = error.exit_code if isinstance(error, ZooError) else FAILED
                text = str(error) if isinstance(error, ZooError) else describe_exception(error)
                self.send("zoo_run_failed", error=text, exit_code=exit_code)
            raise
        finally:
            for listener in self.listeners:
                listener.finished()


class NoEvents:
    """Sends nothing."""

    def batch_finished(self, optimizer: torch.optim.Optimizer, loss: Tensor, **event: int) -> None:
        """Nobody listens."""

    def epoch_finished(
        self, optimizer: torch.optim.Optimizer, epoch: int, metrics: dict[str, float], best: bool
    ) -> None:
        """Nobody listens."""


def learning_rate(optimizer: torch.optim.Optimizer) -> float:
    """The learning rate of the first group of parameters."""
    return float(optimizer.param_groups[0]["lr"])


def signal_name(stop: KeyboardInterrupt) -> str:
    """The name of the signal that an interrupt stands for."""
    return "SIGTERM" if isinstance(stop, Terminated) else "SIGINT"
