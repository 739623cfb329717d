"""Optimizers with a fault in their state, their groups or their learning rate."""

from __future__ import annotations

import torch

from tests.contracts.faulty.optimizers import RATE, Plain, of
from zoo_textbook import optimizer_modules

MOMENTS = {}


class PerShape(Plain):
    """Momentum kept by the shape of the parameter."""

    def __init__(self, parameters):
        super().__init__(parameters)
        self.moments = {}

    def along(self, parameter):
        moment = self.moments.setdefault(parameter.shape, torch.zeros_like(parameter))
        return moment.mul_(0.5).add_(parameter.grad).clone()


class OneMoment(Plain):
    """One running mean of squares for all parameters, updated in their order."""

    square = 0.0

    def along(self, parameter):
        self.square = 0.9 * self.square + 0.1 * parameter.grad.square().mean()
        return parameter.grad / (self.square.sqrt() + 1e-8)


class OfClass(Plain):
    """Momentum in a dictionary of the class, by the number of the parameter."""

    def along(self, parameter):
        number = [id(p) for group in self.param_groups for p in group["params"]].index(id(parameter))
        MOMENTS[number] = parameter.grad + 0.5 * MOMENTS.get(number, torch.zeros(())).reshape(-1)[:1].sum()
        return MOMENTS[number]


class CountsCalls(Plain):
    """A bias correction that counts parameters instead of steps."""

    calls = 0

    def along(self, parameter):
        self.calls += 1
        state = self.state[parameter]
        state["m"] = 0.9 * state.get("m", 0) + 0.1 * parameter.grad
        return state["m"] / (1 - 0.9**self.calls)


class CounterOutsideState(Plain):
    """A bias correction whose number of steps is not in the state."""

    steps = 0

    def step(self):
        self.steps += 1
        super().step()

    def along(self, parameter):
        state = self.state[parameter]
        state["m"] = 0.9 * state.get("m", 0) + 0.1 * parameter.grad
        return state["m"] / (1 - 0.9**self.steps)


class SkipsLast(Plain):
    @torch.no_grad()
    def step(self):
        for parameter in self.param_groups[0]["params"][:-1] or self.param_groups[0]["params"]:
            if parameter.grad is not None:
                parameter -= self.param_groups[0]["lr"] * parameter.grad


class MatricesOnly(Plain):
    def along(self, parameter):
        return parameter.grad * (parameter.ndim != 1 or len(parameter) > 3 or parameter.shape[0] == 2)


class Grouped(Plain):
    """No decay on biases, by two groups."""

    def __init__(self, parameters):
        parameters = list(parameters)
        matrices, others = ([p for p in parameters if (p.ndim > 1) is large] for large in (True, False))
        groups = [{"params": group} for group in (matrices, others) if group]
        torch.optim.Optimizer.__init__(self, groups, {"lr": RATE})


class FirstGroupOnly(Grouped):
    @torch.no_grad()
    def step(self):
        for parameter in self.param_groups[0]["params"]:
            if parameter.grad is not None:
                parameter -= self.param_groups[0]["lr"] * parameter.grad


class RateOfFirstGroup(Grouped):
    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter -= self.param_groups[0]["lr"] * parameter.grad


class StuckAtZero(Plain):
    """A step in proportion to the norm of the weights, without an exception for 0."""

    def along(self, parameter):
        return parameter.grad * parameter.norm() / parameter.grad.norm().clamp(min=1e-12)


class NormalizedSteps(Plain):
    def along(self, parameter):
        return parameter.grad / parameter.grad.norm()


class GrowingDecay(Plain):
    def along(self, parameter):
        return parameter.grad - 0.01 * parameter


class DecaysFrozen(Plain):
    @torch.no_grad()
    def step(self):
        super().step()
        for group in self.param_groups:
            for parameter in group["params"]:
                if not parameter.requires_grad:
                    parameter.mul_(0.99)


class RateAtBuild(Plain):
    def __init__(self, parameters):
        super().__init__(parameters)
        self.rates = [group["lr"] for group in self.param_groups]

    @torch.no_grad()
    def step(self):
        for group, rate in zip(self.param_groups, self.rates, strict=True):
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter -= rate * self.along(parameter)


class SwitchesOff(Plain):
    """Obeys a rate of 0 only."""

    def along(self, parameter):
        rate = self.param_groups[0]["lr"]
        return parameter.grad * (RATE / rate if rate else 0)


class WarmsUp(Plain):
    def step(self, closure=None):
        self.steps = getattr(self, "steps", 0) + 1
        self.param_groups[0]["lr"] = self.defaults["lr"] * min(1, self.steps / 3)
        return super().step()


class DecaysRate(Plain):
    def step(self):
        super().step()
        for group in self.param_groups:
            group["lr"] *= 0.99


def reset_by_restoring(parameters):
    class Restored(optimizer_modules.SGD):
        def load_state_dict(self, state):
            super().load_state_dict({**state, "state": {}})

    return Restored(parameters, lr=RATE, momentum=0.9)


class StepsInLists(Plain):
    """A history of gradients of which the state keeps the last one."""

    def __init__(self, parameters):
        super().__init__(parameters)
        self.history = {}

    def along(self, parameter):
        history = self.history.setdefault(parameter, [])
        history.append(parameter.grad.clone())
        self.state[parameter]["last"] = parameter.grad.clone()
        return sum(history[-3:]) / 3


SLOW = True
SOUND = []
FAULTS = [
    ("same-in-any-order", "momentum by shape", of(PerShape)),
    ("same-in-any-order", "one moment for all parameters", of(OneMoment)),
    ("same-in-any-order", "a bias correction that counts parameters", of(CountsCalls)),
    ("deterministic", "momentum in a dictionary of the class", of(OfClass)),
    ("state-round-trip", "the number of steps outside of its state", of(CounterOutsideState)),
    ("state-round-trip", "momentum lost when it is restored", of(reset_by_restoring)),
    ("state-round-trip", "a history outside of its state", of(StepsInLists)),
    ("updates-every-parameter", "skips the last one", of(SkipsLast)),
    ("updates-every-parameter", "skips vectors", of(MatricesOnly)),
    ("updates-every-parameter", "skips the second group", of(FirstGroupOnly)),
    ("updates-every-parameter", "weights of 0 never move", of(StuckAtZero)),
    ("uses-learning-rate", "the rate of the first group for all", of(RateOfFirstGroup)),
    ("uses-learning-rate", "reads the rate when it is built", of(RateAtBuild)),
    ("uses-learning-rate", "one rate, or none", of(SwitchesOff)),
    ("leaves-learning-rate", "lowers its own rate", of(DecaysRate)),
    ("leaves-learning-rate", "warms up and comes back to its rate", of(WarmsUp)),
    ("gradients-of-zero", "divides by a norm of 0", of(NormalizedSteps)),
    ("gradients-of-zero", "a decay that lets weights grow", of(GrowingDecay)),
    ("skips-parameters-without-gradient", "decays frozen parameters", of(DecaysFrozen)),
]
