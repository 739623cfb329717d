"""Learning-rate schedulers of the textbook's training loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from zoo_core import Scheduler, setting
from zoo_core.components.validators import Bounds, not_negative

if TYPE_CHECKING:
    import torch


@frozen
class NoSchedule(Scheduler):
    """Constant learning rate lr.

    Source: Rao & McMahan, section 3.4."""

    name = "none"
    interval = "never"

    def build(self, optimizer: torch.optim.Optimizer, *, epochs: int, steps_per_epoch: int) -> Any:
        from torch.optim.lr_scheduler import ConstantLR

        return ConstantLR(optimizer, factor=1.0, total_iters=0)


@frozen
class ReduceOnPlateau(Scheduler):
    """lr ← factor·lr if the validation metric has not improved for more than `patience` epochs.

    Source: Rao & McMahan, section 3.6 (`ReduceLROnPlateau`)."""

    name = "reduce-on-plateau"
    interval = "epoch"
    never_increases = True
    needs_metric = True
    factor: float = setting(0.5, "factor that the learning rate is multiplied by", Bounds(gt=0, lt=1))
    patience: int = setting(1, "epochs without improvement before the rate falls", not_negative)

    def build(self, optimizer: torch.optim.Optimizer, *, epochs: int, steps_per_epoch: int) -> Any:
        from torch.optim.lr_scheduler import ReduceLROnPlateau

        return ReduceLROnPlateau(
            optimizer,
            mode="min",
            factor=self.factor,
            patience=self.patience,
            threshold=0.0,  # torch's default is relative, so a constant negative metric would count as an improvement
            threshold_mode="abs",
        )
