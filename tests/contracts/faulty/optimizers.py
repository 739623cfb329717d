"""Faulty optimizers."""

from __future__ import annotations

import numpy as np
import torch

from tests.contracts.faulty import faulty
from zoo_textbook.optimizers import SGD, Adam

RATE = 0.1


class Plain(torch.optim.Optimizer):
    """w ← w - lr·g: correct."""

    def __init__(self, parameters):
        super().__init__(parameters, {"lr": RATE})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter -= group["lr"] * self.along(parameter)

    def along(self, parameter):
        return parameter.grad


class Uphill(Plain):
    def along(self, parameter):
        return -parameter.grad


class Noisy(Plain):
    def along(self, parameter):
        return parameter.grad + 0.01 * np.random.standard_normal()


class MomentumOutsideState(Plain):
    """Momentum in a dictionary that is not part of the state."""

    def __init__(self, parameters):
        super().__init__(parameters)
        self.before = {}

    def along(self, parameter):
        self.before[parameter] = parameter.grad + 0.5 * self.before.get(parameter, 0)
        return self.before[parameter]


class FixedRate(Plain):
    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter -= RATE * parameter.grad


class NeverClears(Plain):
    def zero_grad(self, set_to_none=True):
        pass


class NeedsEveryGradient(Plain):
    @torch.no_grad()
    def step(self):
        for parameter in self.param_groups[0]["params"]:
            parameter -= self.param_groups[0]["lr"] * parameter.grad


class DecaysAll(Plain):
    @torch.no_grad()
    def step(self):
        super().step()
        for parameter in self.param_groups[0]["params"]:
            parameter *= 1 - 0.1 * self.param_groups[0]["lr"]


class StoresFunction(Plain):
    def along(self, parameter):
        self.state[parameter]["rule"] = torch.sub
        return parameter.grad


def of(build, base=SGD, **members):
    return faulty(base, build=lambda self, parameters: build(parameters), **members)


def vectors_only(parameters):
    return Plain([parameter for parameter in parameters if parameter.ndim])


SOUND = [of(Plain, supports_sparse_gradients=True)]
FAULTS = [
    ("minimizes-quadratic", "uphill", of(Uphill)),
    ("clears-gradients", "a zero_grad that does nothing", of(NeverClears)),
    ("deterministic", "noise without the seed", of(Noisy)),
    ("state-round-trip", "momentum outside its state", of(MomentumOutsideState)),
    ("state-round-trip", "a function in its state", of(StoresFunction)),
    ("updates-every-parameter", "ignores scalar parameters", of(vectors_only)),
    ("skips-parameters-without-gradient", "requires every gradient", of(NeedsEveryGradient)),
    ("skips-parameters-without-gradient", "decays parameters without a gradient", of(DecaysAll)),
    ("uses-learning-rate", "a fixed learning rate", of(FixedRate)),
    ("sparse-gradients-as-declared", "declares it without supporting it", faulty(Adam, supports_sparse_gradients=True)),
]
