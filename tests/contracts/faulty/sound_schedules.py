"""Schedulers that are sound and unlike the built-in ones: for them no check may fail."""

from __future__ import annotations

import math

from torch.optim.lr_scheduler import (
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    LambdaLR,
    MultiStepLR,
    OneCycleLR,
    ReduceLROnPlateau,
    StepLR,
)

from tests.contracts.faulty.schedulers import of_builder
from tests.contracts.faulty.schedules import Plateau, plateau
from zoo_textbook.decay_schedulers import Cosine, LinearWarmup, OneCycle, StepDecay
from zoo_textbook.schedulers import NoSchedule, ReduceOnPlateau


def by_share(rule, base=LinearWarmup):
    """A scheduler of `rule(share of the training)`."""
    return of_builder(lambda o, e, b: LambdaLR(o, lambda t: rule(min(t / (e * b), 1.0))), base)


def by_batch(rule, base=LinearWarmup):
    return of_builder(lambda o, e, b: LambdaLR(o, lambda t: rule(t, e, b)), base)


def warm_stay_decay(share):
    if share < 0.1:
        return (share + 0.01) / 0.11
    return 1.0 if share < 0.8 else max((1 - share) / 0.2, 0.01)


def one_cycle(optimizer, epochs, batches):
    rates = [group["lr"] for group in optimizer.param_groups]
    return OneCycleLR(optimizer, rates, total_steps=epochs * batches, cycle_momentum=False)


def per_epoch(make):
    return of_builder(lambda o, e, b: make(o, e), OneCyclePerEpoch)


class OneCyclePerEpoch(StepDecay):
    never_increases = False


SLOW = True
SOUND = [
    by_share(warm_stay_decay),
    by_share(lambda share: 0.5 * (1 + math.cos(math.pi * ((share * 3) % 1.0)))),
    by_share(lambda share: (1 - share) ** 2, Cosine),
    by_batch(lambda t, e, b: min(1 / math.sqrt(max(t, 10) / 10), (t + 1) / 10)),
    by_batch(lambda t, e, b: min((t + 1) / max(b, 1), 1.0), OneCycle),
    by_batch(lambda t, e, b: 0.9 ** (t // b), Cosine),
    of_builder(one_cycle, LinearWarmup),
    per_epoch(lambda o, e: CosineAnnealingWarmRestarts(o, T_0=3)),
    per_epoch(lambda o, e: ExponentialLR(o, 0.9)),
    per_epoch(lambda o, e: MultiStepLR(o, [2, 5], 0.5)),
    per_epoch(lambda o, e: StepLR(o, 2, 0.5)),
    of_builder(lambda o, e, b: ReduceLROnPlateau(o, patience=1, threshold=1e-4, threshold_mode="abs"), ReduceOnPlateau),
    plateau(Plateau),
    of_builder(lambda o, e, b: LambdaLR(o, lambda t: 1.0), NoSchedule),
]
FAULTS = []
