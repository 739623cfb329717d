"""Learning-rate schedule of fastText."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from zoo_core import Scheduler, setting
from zoo_core.components.validators import Bounds

if TYPE_CHECKING:
    import torch


@frozen
class LinearDecay(Scheduler):
    """lr · (1 - t/T · (1 - floor)): linear decay from the first batch to the last of all epochs.

    Source: Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification"."""

    name = "linear-decay"
    interval = "batch"
    never_increases = True
    floor: float = setting(0.0, "final learning rate as a share of the initial one", Bounds(ge=0, lt=1))

    def build(self, optimizer: torch.optim.Optimizer, *, epochs: int, steps_per_epoch: int) -> Any:
        from torch.optim.lr_scheduler import LambdaLR

        total = max(epochs * steps_per_epoch, 1)
        return LambdaLR(optimizer, lambda step: 1 - min(step / total, 1) * (1 - self.floor))
