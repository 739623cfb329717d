"""Faulty schedulers."""

from __future__ import annotations

from torch.optim.lr_scheduler import LambdaLR, OneCycleLR, ReduceLROnPlateau

from tests.contracts.faulty import faulty
from zoo_textbook.decay_schedulers import Cosine, StepDecay

BUILDS: list[int] = []


class WithoutState:
    """Halves the rate at the tenth batch; the number of batches is not in its state."""

    def __init__(self, optimizer):
        self.optimizer, self.count = optimizer, 0

    def step(self):
        self.count += 1
        if self.count == 10:
            self.optimizer.param_groups[0]["lr"] /= 2

    def state_dict(self):
        return {}

    def load_state_dict(self, state):
        pass


def of(rule, base=Cosine, **members):
    """A scheduler of `rule(step, all steps)`."""

    def build(self, optimizer, *, epochs, steps_per_epoch):
        return LambdaLR(optimizer, lambda step: rule(step, epochs * steps_per_epoch))

    return faulty(base, build=build, **members)


def of_builder(call, base=Cosine, **members):
    def build(self, optimizer, *, epochs, steps_per_epoch):
        return call(optimizer, epochs, steps_per_epoch)

    return faulty(base, build=build, **members)


def starts_later(optimizer, epochs, batches):
    BUILDS.append(1)
    builds = len(BUILDS)
    return LambdaLR(optimizer, lambda step: 1 / (step + builds))


SOUND = [of(lambda step, total: 1 / (1 + step)), of(lambda step, total: 0.9**step, StepDecay)]
FAULTS = [
    ("never-increases-as-declared", "increases during a warm-up", of(lambda step, total: min(1, (step + 1) / 5))),
    (
        "valid-learning-rates",
        "mistakes epochs for batches",
        of_builder(lambda o, e, _: LambdaLR(o, lambda step: 1 - step / e)),
    ),
    ("valid-learning-rates", "fails for a single batch", of(lambda step, total: 1 - step / 2 / (total - 1))),
    ("valid-learning-rates", "one step too few", of_builder(lambda o, e, b: OneCycleLR(o, 0.2, total_steps=e * b - 2))),
    (
        "valid-learning-rates",
        "does not declare that it needs a metric",
        of_builder(lambda o, e, b: ReduceLROnPlateau(o), StepDecay),
    ),
    (
        "changes-rate-if-it-steps",
        "counts in hundreds of epochs",
        of(lambda step, total: 0.1 ** (step // 100), StepDecay),
    ),
    (
        "changes-rate-if-it-steps",
        "never steps, but changes the initial rate",
        of(lambda step, total: 0.5, interval="never"),
    ),
    (
        "last-rate",
        "ends ten epochs late",
        of_builder(lambda o, e, b: LambdaLR(o, lambda epoch: 1 - epoch / (e + 10)), StepDecay),
    ),
    ("reproducible-schedule", "depends on earlier runs", of_builder(starts_later)),
    ("state-round-trip", "an empty state", of_builder(lambda o, e, b: WithoutState(o))),
]
