"""Schedules with a known course: torch's own of the same name, closed formulas, odd lengths, and going on."""

from __future__ import annotations

import json
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.optim import lr_scheduler

from zoo_textbook.decay_schedulers import Cosine, Exponential, LinearWarmup, OneCycle, StepDecay
from zoo_textbook.optimizers import SGD

EVERY = [
    StepDecay(size=2),
    Exponential(),
    Cosine(),
    Cosine(floor=0.1),
    OneCycle(),
    LinearWarmup(),
    LinearWarmup(decay=False),
]


def begun(part, epochs, steps):
    optimizer = SGD(lr=0.5).build([nn.Parameter(torch.zeros(1))])
    return optimizer, part.build(optimizer, epochs=epochs, steps_per_epoch=steps)


def rates(optimizer, schedule, count):
    """The learning rate of each step or epoch."""
    found = []
    for _ in range(count):
        optimizer.step()
        found.append(optimizer.param_groups[0]["lr"])
        schedule.step()
    return found


def count_of(part, epochs, steps):
    return epochs if part.interval == "epoch" else epochs * steps


@pytest.mark.parametrize(
    ("part", "theirs"),
    [
        (StepDecay(size=3, gamma=0.5), lambda o: lr_scheduler.StepLR(o, 3, 0.5)),
        (Exponential(gamma=0.8), lambda o: lr_scheduler.ExponentialLR(o, 0.8)),
        (Cosine(floor=0.2), lambda o: lr_scheduler.CosineAnnealingLR(o, 40, eta_min=0.1)),
        (
            OneCycle(),
            lambda o: lr_scheduler.OneCycleLR(
                o, 0.5, total_steps=40, pct_start=0.3 * 39 / 40 + 1 / 40, cycle_momentum=False, final_div_factor=400
            ),
        ),
    ],
    ids=["step", "exponential", "cosine", "one-cycle"],
)
def test_torchs_of_the_same_name(part, theirs):
    ours = rates(*begun(part, 10, 4), count_of(part, 10, 4))
    optimizer = SGD(lr=0.5).build([nn.Parameter(torch.zeros(1))])
    assert ours == pytest.approx(rates(optimizer, theirs(optimizer), len(ours)), rel=1e-6)


def test_warm_up_climbs_evenly_and_falls_evenly():
    found = rates(*begun(LinearWarmup(warmup=0.2), 5, 4), 20)  # up over 4 of 20
    assert found[:4] == pytest.approx([0.5 * n / 5 for n in (1, 2, 3, 4)])
    assert found[4:] == pytest.approx([0.5 * n / 17 for n in range(16, 0, -1)])
    level = rates(*begun(LinearWarmup(warmup=0.2, decay=False), 5, 4), 20)
    assert level[4:] == [0.5] * 16


def test_one_cycle_begins_peaks_and_ends_where_it_says():
    found = rates(*begun(OneCycle(warmup=0.5, start=0.1, end=0.01), 3, 7), 21)
    assert (found[0], found[10], found[-1]) == pytest.approx((0.05, 0.5, 0.005))
    assert found[:11] == sorted(found[:11]) and found[10:] == sorted(found[10:], reverse=True)


@given(st.sampled_from(EVERY), st.integers(1, 5), st.integers(1, 5))
def test_no_length_makes_a_rate_that_is_none(part, epochs, steps):
    found = rates(*begun(part, epochs, steps), count_of(part, epochs, steps))
    assert all(math.isfinite(rate) and 0 < rate <= 0.5 for rate in found)


@pytest.mark.parametrize("part", EVERY, ids=str)
def test_a_state_of_plain_values_goes_on_where_it_stood(part):
    count = count_of(part, 6, 3)
    whole = rates(*begun(part, 6, 3), count)
    optimizer, schedule = begun(part, 6, 3)
    first = rates(optimizer, schedule, 4)
    kept = json.loads(json.dumps([optimizer.state_dict(), schedule.state_dict()]))
    optimizer, schedule = begun(part, 6, 3)
    optimizer.load_state_dict(kept[0])
    schedule.load_state_dict(kept[1])
    assert first + rates(optimizer, schedule, count - 4) == whole


@pytest.mark.parametrize(
    "make",
    [lambda: StepDecay(size=0), lambda: Exponential(gamma=0.0), lambda: Cosine(floor=1.0), lambda: OneCycle(1.0)],
)
def test_settings_that_make_no_sense(make):
    with pytest.raises(ValueError):
        make()
