"""Learning-rate schedulers with a fixed schedule: lr times a function of the step."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from attrs import frozen

from zoo_core import Scheduler, setting
from zoo_core.components.validators import Bounds, at_least_one

if TYPE_CHECKING:
    import torch

share = Bounds(ge=0, lt=1)
factor = Bounds(gt=0, le=1)


def _build_lambda(optimizer: torch.optim.Optimizer, factor_at: Any) -> Any:
    from torch.optim.lr_scheduler import LambdaLR

    return LambdaLR(optimizer, factor_at)


@frozen
class StepDecay(Scheduler):
    """lr · gᵏ after k times `size` epochs.

    Source: torch's `StepLR`; Rao & McMahan, section 3.4 (the learning rate)."""

    name = "step"
    interval = "epoch"
    never_increases = True
    size: int = setting(10, "epochs between two changes", at_least_one)
    gamma: float = setting(0.1, "factor g that the rate is multiplied by", factor)

    def build(self, optimizer: torch.optim.Optimizer, *, epochs: int, steps_per_epoch: int) -> Any:
        return _build_lambda(optimizer, lambda epoch: self.gamma ** (epoch // self.size))


@frozen
class Exponential(Scheduler):
    """lr · gᵉ after e epochs.

    Source: torch's `ExponentialLR`; Rao & McMahan, section 3.4 (the learning rate)."""

    name = "exponential"
    interval = "epoch"
    never_increases = True
    gamma: float = setting(0.9, "factor g that the rate is multiplied by after each epoch", factor)

    def build(self, optimizer: torch.optim.Optimizer, *, epochs: int, steps_per_epoch: int) -> Any:
        return _build_lambda(optimizer, lambda epoch: self.gamma**epoch)


@frozen
class Cosine(Scheduler):
    """lr · (f + (1 - f)·(1 + cos(π·t/T))/2): half a cosine wave over all batches.

    Source: Loshchilov & Hutter 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts"."""

    name = "cosine"
    interval = "batch"
    never_increases = True
    floor: float = setting(0.0, "final learning rate as a share f of the initial one", share)

    def build(self, optimizer: torch.optim.Optimizer, *, epochs: int, steps_per_epoch: int) -> Any:
        total = max(epochs * steps_per_epoch, 1)
        return _build_lambda(optimizer, lambda step: _cosine(1.0, self.floor, min(step / total, 1.0)))


@frozen
class OneCycle(Scheduler):
    """From lr·start up to lr, then down to lr·end, each on half a cosine wave.

    Source: Smith & Topin 2018, "Super-Convergence"."""

    name = "one-cycle"
    interval = "batch"
    warmup: float = setting(0.3, "share of the batches in which the rate rises", Bounds(gt=0, lt=1))
    start: float = setting(0.04, "learning rate of the first batch as a share of lr", factor)
    end: float = setting(0.0001, "learning rate of the last batch as a share of lr", factor)

    def build(self, optimizer: torch.optim.Optimizer, *, epochs: int, steps_per_epoch: int) -> Any:
        last_step = max(epochs * steps_per_epoch - 1, 1)
        peak = self.warmup * last_step

        def factor_at(step: int) -> float:
            if step <= peak:
                return _cosine(self.start, 1.0, step / peak)
            return _cosine(1.0, self.end, min((step - peak) / max(last_step - peak, 1e-9), 1.0))

        return _build_lambda(optimizer, factor_at)


@frozen
class LinearWarmup(Scheduler):
    """lr · t/W over the first W batches, then lr, or a linear decay to 0 at the last batch.

    Source: Goyal et al. 2017, "Accurate, Large Minibatch SGD"; Vaswani et al. 2017."""

    name = "linear-warmup"
    interval = "batch"
    warmup: float = setting(0.1, "share of the batches in which the rate rises", Bounds(gt=0, lt=1))
    decay: bool = setting(True, "whether the rate falls after the warm-up")

    def build(self, optimizer: torch.optim.Optimizer, *, epochs: int, steps_per_epoch: int) -> Any:
        total = max(epochs * steps_per_epoch, 1)
        warmup_steps = max(math.ceil(self.warmup * total), 1)

        def factor_at(step: int) -> float:
            if step < warmup_steps:
                return (step + 1) / (warmup_steps + 1)
            return max(total - step, 0) / (total - warmup_steps + 1) if self.decay else 1.0

        return _build_lambda(optimizer, factor_at)


def _cosine(start: float, end: float, progress: float) -> float:
    """Interpolate between two values on half a cosine wave; `progress` is between 0 and 1."""
    return end + (start - end) * (1 + math.cos(math.pi * progress)) / 2
