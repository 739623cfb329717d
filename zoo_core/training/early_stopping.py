"""Early stopping: the best epoch so far with its weights, and whether to stop."""

from __future__ import annotations

import math

from attrs import define, field
from torch import Tensor, nn

from zoo_core.components.protocols import StartReport

Weights = dict[str, Tensor]


@define
class TrainingState:
    """The best epoch so far with its weights, and the metrics of every epoch.

    `best_value` is the monitored value, lower is better, and the validation loss to decide between equal ones. `start`
    is the report of the model's start.
    """

    best_weights: Weights
    best_value: tuple[float, float] = (math.inf, math.inf)
    best_epoch: int = 0
    history: list[dict[str, float]] = field(factory=list)
    start: StartReport = field(factory=dict)

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
