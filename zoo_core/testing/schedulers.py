"""What schedulers promise."""

from __future__ import annotations

import itertools
import math
from typing import cast

import torch
from torch import nn

from zoo_core.components.contracts import Scheduler
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.optimizers import kept


class Course:
    """A scheduler at work: batches of four to an epoch, the figure never getting better."""

    def __init__(self, subject: Subject, *, epochs: int = 5, batches: int = 4) -> None:
        self.part, self.batches, self.done = cast(Scheduler, subject.part), batches, 0
        self.optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)
        self.scheduler = self.part.build(self.optimizer, epochs=epochs, steps_per_epoch=batches)

    def rates(self, batches: int) -> list[float]:
        """The learning rate of each of some batches to come."""
        found = []
        for _ in range(batches):
            self.optimizer.step()
            found.append(self.optimizer.param_groups[0]["lr"])
            self.done += 1
            if self.part.interval == "batch":
                self.scheduler.step()
            elif self.part.interval == "epoch" and self.done % self.batches == 0:
                self.scheduler.step(1.0) if self.part.needs_metric else self.scheduler.step()
        return found


@register_check("scheduler", "the loop calls it so, and a learning rate is a number above zero")
def moves_the_learning_rate(subject: Subject) -> None:
    for epochs, batches in ((5, 4), (1, 1)):
        course = Course(subject, epochs=epochs, batches=batches)
        rates = [*course.rates(epochs * batches), course.optimizer.param_groups[0]["lr"]]
        strange = [rate for rate in rates if not (math.isfinite(rate) and 0 <= rate <= 1)]
        assert not strange, f"the rate is {strange[0]} in a training of {epochs * batches} batches, from 0.1"


@register_check("scheduler", "a rate that stays for ever is no schedule")
def moves_if_it_steps(subject: Subject) -> None:
    part, rates = cast(Scheduler, subject.part), Course(subject, epochs=40, batches=1).rates(40)
    if part.interval == "never":
        assert set(rates) == {0.1}, "it never steps, and the rate is another"
    else:
        assert len(set(rates)) > 1, f"the rate stays at {rates[0]:g} in all of 40 epochs"


@register_check("scheduler", "who reads that it falls expects no rise")
def falls_if_it_says_so(subject: Subject) -> None:
    if not cast(Scheduler, subject.part).never_increases:
        skip("it does not say that its rate never rises")
    rates = Course(subject).rates(20)
    assert all(b <= a + 1e-12 for a, b in itertools.pairwise(rates)), f"the rate rises: {rates}"


@register_check("scheduler", "two runs of one recipe go the same course")
def same_course_again(subject: Subject) -> None:
    assert Course(subject).rates(20) == Course(subject).rates(20)


@register_check("scheduler", "a run that was stopped goes on from its file as if it had not been")
def state_saved_and_loaded(subject: Subject) -> None:
    first, second = Course(subject), Course(subject)
    first.rates(8)
    second.optimizer.load_state_dict(kept(first.optimizer.state_dict()))
    second.scheduler.load_state_dict(kept(first.scheduler.state_dict()))
    assert first.rates(12) == second.rates(12), "it goes another course after it was loaded"
