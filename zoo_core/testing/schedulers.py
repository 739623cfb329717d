"""What schedulers promise."""

from __future__ import annotations

import itertools
import math
from typing import cast

import torch
from torch import nn

from zoo_core.contracts import Scheduler
from zoo_core.testing.cases import Subject, check, skip


@check("scheduler", "the loop calls it so, and a learning rate is a number above zero")
def moves_the_learning_rate(subject: Subject) -> None:
    part = cast(Scheduler, subject.part)
    parameter = nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=0.1)
    made = part.build(optimizer, epochs=5, steps_per_epoch=4)
    for _ in range(5):
        for _ in range(4):
            optimizer.step()
            if part.steps == "batch":
                made.step()
            assert math.isfinite(rate := optimizer.param_groups[0]["lr"]) and rate >= 0, f"lr is {rate}"
        if part.steps == "epoch":
            made.step(1.0) if part.needs_figure else made.step()
    assert optimizer.param_groups[0]["lr"] <= 1.0


def _rates(subject: Subject) -> list[float]:
    """The learning rate of each of 20 batches, the figure never getting better."""
    part = cast(Scheduler, subject.part)
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)
    made = part.build(optimizer, epochs=5, steps_per_epoch=4)
    rates = []
    for batch in range(20):
        optimizer.step()
        rates.append(optimizer.param_groups[0]["lr"])
        if part.steps == "batch":
            made.step()
        elif part.steps == "epoch" and batch % 4 == 3:
            made.step(1.0) if part.needs_figure else made.step()
    return rates


@check("scheduler", "who reads that it falls expects no rise")
def falls_if_it_says_so(subject: Subject) -> None:
    if not cast(Scheduler, subject.part).falls:
        skip("it does not say that its rate never rises")
    rates = _rates(subject)
    assert all(b <= a + 1e-12 for a, b in itertools.pairwise(rates)), f"the rate rises: {rates}"


@check("scheduler", "a run that is resumed goes the same course")
def same_course_again(subject: Subject) -> None:
    assert _rates(subject) == _rates(subject)
