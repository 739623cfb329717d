"""How far a training has come, and everything it needs to go on from there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from inspect import unwrap
from typing import Any

import torch
from attrs import define, field
from torch import Tensor, nn

from zoo_core.errors import RunFolderError
from zoo_core.training.checkpoint import states_match

Weights = dict[str, Tensor]


@define
class TrainingState:
    """The best epoch so far, and how long ago it was."""

    best_weights: Weights
    best_value: tuple[float, float] = (math.inf, math.inf)  # the monitored one, and the loss where that is equal
    best_epoch: int = 0
    history: list[dict[str, float]] = field(factory=list)

    def update(self, figures: dict[str, float], figure: float, module: nn.Module) -> bool:
        """Take an epoch's figures; whether it is the best so far."""
        self.history.append(figures)
        own = (figure, figures["val_loss"])
        if own >= self.best_value:
            return False
        self.best_value, self.best_epoch, self.best_weights = own, len(self.history), copy_weights(module)
        return True

    def should_stop(self, epochs: int, patience: int) -> bool:
        """Whether these epochs are done, or the best one is `patience` epochs ago."""
        return len(self.history) >= epochs or (patience > 0 and len(self.history) - self.best_epoch >= patience)


def copy_weights(module: nn.Module) -> Weights:
    """A copy of a module's state."""
    return {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}


def capture_state(
    module: nn.Module, optimizer: torch.optim.Optimizer, scheduler: Any, progress: TrainingState
) -> dict[str, Any]:
    """Everything at the end of an epoch that the next one depends on. Random streams begin anew with each epoch.

    Torch wraps an optimizer's methods for its compiler, and the wrapper loads all of that: here it is gone round.
    """
    return {
        "model": dict(module.state_dict()),
        "optimizer": unwrap(type(optimizer).state_dict)(optimizer),
        "scheduler": scheduler.state_dict(),
        "best": {"weights": progress.best_weights, "figure": progress.best_value, "epoch": progress.best_epoch},
        "history": progress.history,
    }


def restore_state(
    kept: Mapping[str, Any],
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    scheduler: Any,
    progress: TrainingState,
) -> None:
    """Put all of them where they stood. The state comes from a file: RunFolderError where it cannot be theirs."""
    expected = module.state_dict()
    try:
        best, history = kept["best"], kept["history"]
        own = states_match(kept["model"], expected) and states_match(best["weights"], expected)
        if not own or not 0 <= best["epoch"] <= len(history) or not all(map(_figures, history)):
            raise ValueError("it is of another model")
        module.load_state_dict(kept["model"])
        unwrap(type(optimizer).load_state_dict)(optimizer, kept["optimizer"])
        scheduler.load_state_dict(kept["scheduler"])
        first, second = best["figure"]
        progress.best_value, progress.best_epoch, progress.history = (
            (float(first), float(second)),
            best["epoch"],
            list(history),
        )
        device = next(iter(expected.values())).device if expected else "cpu"
        progress.best_weights = {name: tensor.to(device) for name, tensor in best["weights"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RuntimeError) as error:
        raise RunFolderError(f"the checkpoint does not fit this recipe: {error}") from None


def _figures(line: Any) -> bool:
    return isinstance(line, dict) and all(isinstance(value, float) for value in line.values())
