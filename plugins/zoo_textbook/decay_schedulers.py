"""Schedules whose whole course is known before the first batch: the rate is lr times a factor of how far one is."""

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


def _course(optimizer: torch.optim.Optimizer, rule: Any) -> Any:
    from torch.optim.lr_scheduler import LambdaLR

    return LambdaLR(optimizer, rule)


@frozen
class StepDecay(Scheduler):
    """lr · gᵏ after k times `size` epochs: down a stair.

    Source: torch's `StepLR`; Rao & McMahan, section 3.4 (the learning rate)."""

    name = "step"
    interval = "epoch"
    never_increases = True
    size: int = setting(10, "epochs on each step of the stair", at_least_one)
    gamma: float = setting(0.1, "what the rate is multiplied by at each, g", factor)

    def build(self, optimizer: torch.optim.Optimizer, *, epochs: int, steps_per_epoch: int) -> Any:
        return _course(optimizer, lambda epoch: self.gamma ** (epoch // self.size))


@frozen
class Exponential(Scheduler):
    """lr · gᵉ after e epochs.

    Source: torch's `ExponentialLR`; Rao & McMahan, section 3.4 (the learning rate)."""

    name = "exponential"
    interval = "epoch"
    never_increases = True
    gamma: float = setting(0.9, "what the rate is multiplied by after each epoch, g", factor)

    def build(self, optimizer: torch.optim.Optimizer, *, epochs: int, steps_per_epoch: int) -> Any:
        return _course(optimizer, lambda epoch: self.gamma**epoch)


@frozen
class Cosine(Scheduler):
    """lr · (f + (1 - f)·(1 + cos(π·t/T))/2): half a cosine wave, from the first batch to the last.

    Source: Loshchilov & Hutter 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts"."""

    name = "cosine"
    interval = "batch"
    never_increases = True
    floor: float = setting(0.0, "share of the learning rate that is left at the end, f", share)

    def build(self, optimizer: torch.optim.Optimizer, *, epochs: int, steps_per_epoch: int) -> Any:
        total = max(epochs * steps_per_epoch, 1)
        return _course(optimizer, lambda step: _wave(1.0, self.floor, min(step / total, 1.0)))


@frozen
class OneCycle(Scheduler):
    """Up from lr·start to lr over the first share of the batches, then down to lr·end, both on half a cosine wave.

    Source: Smith & Topin 2018, "Super-Convergence"."""

    name = "one-cycle"
    interval = "batch"
    warmup: float = setting(0.3, "share of all batches on the way up", Bounds(gt=0, lt=1))
    start: float = setting(0.04, "share of the learning rate at the first batch", factor)
    end: float = setting(0.0001, "share of the learning rate at the last", factor)

    def build(self, optimizer: torch.optim.Optimizer, *, epochs: int, steps_per_epoch: int) -> Any:
        last = max(epochs * steps_per_epoch - 1, 1)
        top = self.warmup * last

        def rule(step: int) -> float:
            if step <= top:
                return _wave(self.start, 1.0, step / top)
            return _wave(1.0, self.end, min((step - top) / (last - top), 1.0))

        return _course(optimizer, rule)


@frozen
class LinearWarmup(Scheduler):
    """lr · t/W over the first W batches; then lr, or straight down to 0 at the last batch.

    Source: Goyal et al. 2017, "Accurate, Large Minibatch SGD"; Vaswani et al. 2017."""

    name = "linear-warmup"
    interval = "batch"
    warmup: float = setting(0.1, "share of all batches on the way up", Bounds(gt=0, lt=1))
    decay: bool = setting(True, "whether it goes down afterwards")

    def build(self, optimizer: torch.optim.Optimizer, *, epochs: int, steps_per_epoch: int) -> Any:
        total = max(epochs * steps_per_epoch, 1)
        up = max(math.ceil(self.warmup * total), 1)

        def rule(step: int) -> float:
            if step < up:
                return (step + 1) / (up + 1)
            return max(total - step, 0) / (total - up + 1) if self.decay else 1.0

        return _course(optimizer, rule)


def _wave(first: float, last: float, done: float) -> float:
    """From one value to another on half a cosine wave, when this share of the way is done."""
    return last + (first - last) * (1 + math.cos(math.pi * done)) / 2
