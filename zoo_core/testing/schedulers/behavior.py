"""Checks of schedulers."""

from __future__ import annotations

import itertools
import math
from typing import cast

import torch
from torch import nn

from zoo_core.components.building.call import call_build
from zoo_core.components.contracts import Scheduler
from zoo_core.testing.assertions import assert_equal
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.optimizers.training import reload_checkpoint

INITIAL_RATE = 0.1


class ScheduledTraining:
    """A training loop with a scheduler, in which the validation metric never improves."""

    def __init__(self, subject: Subject, *, epochs: int = 5, batches: int = 4) -> None:
        self.component, self.batches, self.completed = cast(Scheduler, subject.component), batches, 0
        self.optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=INITIAL_RATE)
        sizes = {"epochs": epochs, "steps_per_epoch": batches}
        self.scheduler = call_build(self.component, optimizer=self.optimizer, **sizes)

    @property
    def rate(self) -> float:
        """The current learning rate."""
        return float(self.optimizer.param_groups[0]["lr"])

    def run(self, batches: int) -> list[float]:
        """Train for some batches; return the learning rate of each."""
        rates = []
        for _ in range(batches):
            self.optimizer.step()
            rates.append(self.rate)
            self.completed += 1
            if self.component.interval == "batch":
                self.scheduler.step()
            elif self.component.interval == "epoch" and self.completed % self.batches == 0:
                self.scheduler.step(1.0) if self.component.needs_metric else self.scheduler.step()
        return rates


@register_check("scheduler", "the training loop must get a finite learning rate of at least 0")
def valid_learning_rates(subject: Subject) -> None:
    for epochs, batches in ((5, 4), (1, 1)):
        training = ScheduledTraining(subject, epochs=epochs, batches=batches)
        rates = [*training.run(epochs * batches), training.rate]
        invalid = [rate for rate in rates if not (math.isfinite(rate) and 0 <= rate <= 1)]
        assert not invalid, f"the rate is {invalid[0]} in {epochs * batches} batches, starting from {INITIAL_RATE}"


@register_check("scheduler", "a scheduler that steps must change the learning rate")
def changes_rate_if_it_steps(subject: Subject) -> None:
    rates = ScheduledTraining(subject, epochs=40, batches=1).run(40)
    if cast(Scheduler, subject.component).interval == "never":
        assert set(rates) == {INITIAL_RATE}, "it never steps, but changes the rate"
    else:
        assert len(set(rates)) > 1, f"the rate is {rates[0]:g} in all of 40 epochs"


@register_check("scheduler", "a scheduler that declares a non-increasing rate must not increase it")
def never_increases_as_declared(subject: Subject) -> None:
    if not cast(Scheduler, subject.component).never_increases:
        skip("it does not declare that its rate never increases")
    rates = ScheduledTraining(subject).run(20)
    assert all(after <= before + 1e-12 for before, after in itertools.pairwise(rates)), f"the rate increases: {rates}"


@register_check("scheduler", "two runs of a recipe must have the same schedule")
def reproducible_schedule(subject: Subject) -> None:
    first, second = ScheduledTraining(subject).run(20), ScheduledTraining(subject).run(20)
    assert_equal(second, first, "built again, it gives other rates (results are the rates of successive steps)")


@register_check("scheduler", "an interrupted run must continue from its checkpoint as if it was not interrupted")
def state_round_trip(subject: Subject) -> None:
    first, second = ScheduledTraining(subject), ScheduledTraining(subject)
    first.run(8)
    second.optimizer.load_state_dict(reload_checkpoint(first.optimizer.state_dict()))
    second.scheduler.load_state_dict(reload_checkpoint(first.scheduler.state_dict()))
    assert first.run(12) == second.run(12), "the schedule differs after it was restored"
