"""Schedulers with a fault in their first or last rate, their unit, their groups or their metric."""

from __future__ import annotations

import math

from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, OneCycleLR, ReduceLROnPlateau

from tests.contracts.faulty import faulty
from tests.contracts.faulty.schedulers import of, of_builder
from zoo_textbook.decay_schedulers import LinearWarmup, StepDecay
from zoo_textbook.schedulers import ReduceOnPlateau

STEPS = {"count": 0}


class Own:
    """A scheduler without torch: `rate(step, group)` of the rates at the start."""

    def __init__(self, optimizer, epochs=1, batches=1):
        self.optimizer, self.total, self.count = optimizer, epochs * batches, 0
        self.starts = [group["lr"] for group in optimizer.param_groups]
        self.apply()

    def step(self):
        self.count += 1
        self.apply()

    def apply(self):
        for group, start in zip(self.optimizer.param_groups, self.starts, strict=True):
            group["lr"] = start * self.factor()

    def factor(self):
        return 1 - min(self.count / self.total, 1)

    def state_dict(self):
        return {"count": self.count}

    def load_state_dict(self, state):
        self.count = state["count"]


class FirstGroup(Own):
    def apply(self):
        self.optimizer.param_groups[0]["lr"] = self.starts[0] * self.factor()


class SameForAll(Own):
    def apply(self):
        for group in self.optimizer.param_groups:
            group["lr"] = self.starts[0] * self.factor()


class CommonCounter(Own):
    """Counts the steps of every instance."""

    def step(self):
        STEPS["count"] += 1
        super().step()

    def factor(self):
        return 0.99 ** STEPS["count"]


class Multiplies(Own):
    """Multiplies the rate, and once more when it is restored."""

    def apply(self):
        if self.count:
            for group in self.optimizer.param_groups:
                group["lr"] *= 0.9

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.apply()


class RestoresStart(Own):
    """Takes the rate of a restored optimizer for the one at the start."""

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.starts = [group["lr"] for group in self.optimizer.param_groups]


class LowersDecay(Own):
    def apply(self):
        super().apply()
        for group in self.optimizer.param_groups:
            group["weight_decay"] = group.get("weight_decay", 0.01) * 0.9


class ChangesInitial(Own):
    def apply(self):
        super().apply()
        for group in self.optimizer.param_groups:
            group["initial_lr"] = group["lr"]


class ChangesDefaults(Own):
    def apply(self):
        super().apply()
        self.optimizer.defaults["lr"] = self.optimizer.param_groups[0]["lr"]


class Plateau(Own):
    """Halves the rate unless the metric is better than the best one."""

    def __init__(self, optimizer):
        self.best, self.bad, self.scale = None, 0, 1.0
        super().__init__(optimizer)

    def step(self, metric):
        if self.best is None or math.isnan(self.best) or self.better(metric, self.best):
            self.best, self.bad = metric, 0
        else:
            self.bad += 1
        if self.bad > 1:
            self.scale, self.bad = self.scale / 2, 0
        self.apply()

    def better(self, metric, best):
        return metric < best

    def factor(self):
        return self.scale

    def state_dict(self):
        return {"best": self.best, "bad": self.bad, "scale": self.scale}

    def load_state_dict(self, state):
        vars(self).update(state)


class HigherIsBetter(Plateau):
    def better(self, metric, best):
        return metric > best


class OfPositive(Plateau):
    def better(self, metric, best):
        return metric < best * 0.9999


class ForgetsBest(Plateau):
    def state_dict(self):
        return {"bad": self.bad, "scale": self.scale}


class RefusesNaN(Plateau):
    def step(self, metric):
        super().step(int(metric * 1000) / 1000)


class NaNIsBest(Plateau):
    def better(self, metric, best):
        return not metric >= best


def per_epoch(rule):
    """A scheduler per epoch of `rule(epoch, epochs, batches)`."""
    return of_builder(lambda o, e, b: LambdaLR(o, lambda epoch: rule(epoch, e, b)), StepDecay)


def rising(rule):
    """A scheduler per epoch of a rule, whose rate may increase."""

    def build(self, optimizer, *, epochs, steps_per_epoch):
        return LambdaLR(optimizer, lambda epoch: rule(epoch, epochs, steps_per_epoch))

    return faulty(StepDecay, never_increases=False, build=build)


def warm_epochs(epoch, epochs, batches):
    return min(epoch / 3, 1)


def warm_batches(epoch, epochs, batches):
    return min((epoch + 1) / (epochs * batches), 1)


def highest_of_first(optimizer, epochs, batches):
    highest = optimizer.param_groups[0]["lr"]
    return OneCycleLR(optimizer, highest, total_steps=2 * epochs * batches + 2, cycle_momentum=False)


def warm(rule):
    return of_builder(lambda o, e, b: LambdaLR(o, lambda step: rule(step, e, b)), LinearWarmup)


def plateau(cls):
    return of_builder(lambda o, e, b: cls(o), ReduceOnPlateau)


def own(cls, **members):
    return of_builder(cls, **members)


def cosine(progress):
    return (1 + math.cos(math.pi * progress)) / 2


SLOW = True
SOUND = []
FAULTS = [
    ("first-rate", "a warm-up that starts at 0", warm(lambda t, e, b: min(t / max(e * b // 10, 1), 1))),
    ("first-rate", "a rate of 0 for the whole first epoch", warm(lambda t, e, b: min(t // b / max(e // 2, 1), 1))),
    ("first-rate", "a warm-up per epoch that starts at 0", rising(warm_epochs)),
    ("first-rate", "the second rate first", of(lambda t, total: 0.9 ** (t + 1))),
    ("unit-of-steps", "counts epochs, but steps per batch", of_builder(
        lambda o, e, b: LambdaLR(o, lambda t: 1 - min(t / e, 1)))),
    ("unit-of-steps", "a decay per epoch at each batch", of(lambda t, total: 0.9**t)),
    ("unit-of-steps", "counts the batches of one epoch", of_builder(
        lambda o, e, b: LambdaLR(o, lambda t: 1 - min(t / b, 1)))),
    ("unit-of-steps", "counts batches, but steps per epoch", per_epoch(lambda t, e, b: cosine(min(t / (e * b), 1)))),
    ("unit-of-steps", "a warm-up of batches at each epoch", rising(warm_batches)),
    ("last-rate", "an epoch too many", of_builder(
        lambda o, e, b: LambdaLR(o, lambda t: 1 - min(t / ((e + 1) * b), 1)))),
    ("never-increases-as-declared", "a cosine that rises after its end", of_builder(
        lambda o, e, b: CosineAnnealingLR(o, e * b))),
    ("valid-learning-rates", "a line below 0 after its end", of(lambda t, total: 1 - t / total)),
    ("valid-learning-rates", "divides by the epochs after the first", per_epoch(lambda t, e, b: 1 - t / (e - 1) / 2)),
    ("valid-learning-rates", "divides by the batches after the first", of_builder(
        lambda o, e, b: LambdaLR(o, lambda t: 0.5 ** (t % b / (b - 1)) / (1 + t)))),
    ("valid-learning-rates", "fails at the last step", of_builder(
        lambda o, e, b: OneCycleLR(o, 0.2, total_steps=max(e * b - 1, 1), cycle_momentum=False))),
    ("valid-learning-rates", "fails for a metric that is not a number", plateau(RefusesNaN)),
    ("changes-every-group", "the first group only", own(FirstGroup)),
    ("changes-every-group", "one rate for all groups", own(SameForAll)),
    ("changes-every-group", "the largest rate of the first group for all", of_builder(
        highest_of_first, LinearWarmup)),
    ("reproducible-schedule", "counts the steps of all instances", own(CommonCounter)),
    ("state-round-trip", "multiplies once more when it is restored", own(Multiplies)),
    ("state-round-trip", "takes the restored rate for the first one", own(RestoresStart)),
    ("state-round-trip", "the best metric outside of its state", plateau(ForgetsBest)),
    ("changes-only-the-rate", "cycles the momentum", of_builder(
        lambda o, e, b: OneCycleLR(o, [g["lr"] for g in o.param_groups], total_steps=2 * e * b + 2), LinearWarmup)),
    ("changes-only-the-rate", "lowers the weight decay", own(LowersDecay)),
    ("changes-only-the-rate", "changes the initial rate", own(ChangesInitial)),
    ("changes-only-the-rate", "changes the defaults of the optimizer", own(ChangesDefaults)),
    ("lower-metric-is-better", "higher is better", plateau(HigherIsBetter)),
    ("lower-metric-is-better", "torch's mode for accuracies", of_builder(
        lambda o, e, b: ReduceLROnPlateau(o, mode="max", patience=1), ReduceOnPlateau)),
    ("lower-metric-is-better", "a threshold for positive metrics", plateau(OfPositive)),
    ("lower-metric-is-better", "NaN is the best metric", plateau(NaNIsBest)),
]  # fmt: skip
