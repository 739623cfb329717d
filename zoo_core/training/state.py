"""The state of a training: the best epoch so far, and everything that a checkpoint stores to resume it."""

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
    """The best epoch so far with its weights, and the metrics of every epoch.

    `best_value` is the monitored value, lower is better, and the validation loss to decide between equal ones.
    """

    best_weights: Weights
    best_value: tuple[float, float] = (math.inf, math.inf)
    best_epoch: int = 0
    history: list[dict[str, float]] = field(factory=list)

    def update(self, metrics: dict[str, float], monitored: float, module: nn.Module) -> bool:
        """Add the metrics of an epoch; returns whether it is the best so far."""
        self.history.append(metrics)
        value = (monitored, metrics["val_loss"])
        if value >= self.best_value:
            return False
        self.best_value, self.best_epoch, self.best_weights = value, len(self.history), copy_weights(module)
        return True

    def should_stop(self, epochs: int, patience: int) -> bool:
        """Whether all epochs are done, or the best one is `patience` epochs ago."""
        return len(self.history) >= epochs or (patience > 0 and len(self.history) - self.best_epoch >= patience)


def copy_weights(module: nn.Module) -> Weights:
    """Copy a module's state."""
    return {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}


def capture_state(
    module: nn.Module, optimizer: torch.optim.Optimizer, scheduler: Any, state: TrainingState
) -> dict[str, Any]:
    """Everything at the end of an epoch that the next one depends on; random streams restart with each epoch."""
    return {
        "model": dict(module.state_dict()),
        "optimizer": _without_compiler(optimizer, "state_dict")(optimizer),
        "scheduler": scheduler.state_dict(),
        "best": {"weights": state.best_weights, "figure": state.best_value, "epoch": state.best_epoch},
        "history": state.history,
    }


def restore_state(
    stored: Mapping[str, Any],
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    scheduler: Any,
    state: TrainingState,
) -> None:
    """Restore all of them from a checkpoint. Raises RunFolderError if its state does not belong to this recipe."""
    expected = module.state_dict()
    try:
        best, history = stored["best"], stored["history"]
        matches = states_match(stored["model"], expected) and states_match(best["weights"], expected)
        if not matches or not 0 <= best["epoch"] <= len(history) or not all(map(_is_metrics, history)):
            raise ValueError("it is of another model")
        module.load_state_dict(stored["model"])
        _without_compiler(optimizer, "load_state_dict")(optimizer, stored["optimizer"])
        scheduler.load_state_dict(stored["scheduler"])
        monitored, loss = best["figure"]
        state.best_value, state.best_epoch = (float(monitored), float(loss)), best["epoch"]
        state.history = list(history)
        device = next(iter(expected.values())).device if expected else "cpu"
        state.best_weights = {name: tensor.to(device) for name, tensor in best["weights"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RuntimeError) as error:
        raise RunFolderError(f"the checkpoint does not belong to this recipe: {error}") from None


def _without_compiler(optimizer: torch.optim.Optimizer, method: str) -> Any:
    """The plain function behind an optimizer's method.

    Torch wraps `state_dict` and `load_state_dict` for its compiler, and calling the wrapper imports all of it, which
    takes seconds. `tests/core/training/test_resume.py` checks that no compiler is imported.
    """
    return unwrap(getattr(type(optimizer), method))


def _is_metrics(line: Any) -> bool:
    return isinstance(line, dict) and all(isinstance(value, float) for value in line.values())
