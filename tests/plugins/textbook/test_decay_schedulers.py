"""Schedulers with a fixed schedule: against torch and closed formulas, for any length, and restored."""

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

COMPONENTS = [
    StepDecay(size=2),
    Exponential(),
    Cosine(),
    Cosine(floor=0.1),
    OneCycle(),
    LinearWarmup(),
    LinearWarmup(decay=False),
]


def build_both(component, epochs, steps):
    optimizer = SGD(lr=0.5).build([nn.Parameter(torch.zeros(1))])
    return optimizer, component.build(optimizer, epochs=epochs, steps_per_epoch=steps)


def rates(optimizer, schedule, count):
    """The learning rate of each step or epoch."""
    values = []
    for _ in range(count):
        optimizer.step()
        values.append(optimizer.param_groups[0]["lr"])
        schedule.step()
    return values


def num_steps(component, epochs, steps):
    return epochs if component.interval == "epoch" else epochs * steps


@pytest.mark.parametrize(
    ("component", "torch_scheduler"),
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
def test_torchs_of_the_same_name(component, torch_scheduler):
    ours = rates(*build_both(component, 10, 4), num_steps(component, 10, 4))
    optimizer = SGD(lr=0.5).build([nn.Parameter(torch.zeros(1))])
    assert ours == pytest.approx(rates(optimizer, torch_scheduler(optimizer), len(ours)), rel=1e-6)


def test_warm_up_climbs_evenly_and_falls_evenly():
    values = rates(*build_both(LinearWarmup(warmup=0.2), 5, 4), 20)  # up over 4 of 20
    assert values[:4] == pytest.approx([0.5 * n / 5 for n in (1, 2, 3, 4)])
    assert values[4:] == pytest.approx([0.5 * n / 17 for n in range(16, 0, -1)])
    level = rates(*build_both(LinearWarmup(warmup=0.2, decay=False), 5, 4), 20)
    assert level[4:] == [0.5] * 16


def test_one_cycle_begins_peaks_and_ends_where_it_says():
    values = rates(*build_both(OneCycle(warmup=0.5, start=0.1, end=0.01), 3, 7), 21)
    assert (values[0], values[10], values[-1]) == pytest.approx((0.05, 0.5, 0.005))
    assert values[:11] == sorted(values[:11]) and values[10:] == sorted(values[10:], reverse=True)


@given(st.sampled_from(COMPONENTS), st.integers(1, 5), st.integers(1, 5))
def test_no_length_makes_a_rate_that_is_none(component, epochs, steps):
    values = rates(*build_both(component, epochs, steps), num_steps(component, epochs, steps))
    assert all(math.isfinite(rate) and 0 < rate <= 0.5 for rate in values)


@pytest.mark.parametrize("component", COMPONENTS, ids=str)
def test_a_state_of_plain_values_goes_on_where_it_stood(component):
    count = num_steps(component, 6, 3)
    whole = rates(*build_both(component, 6, 3), count)
    optimizer, schedule = build_both(component, 6, 3)
    first = rates(optimizer, schedule, 4)
    stored = json.loads(json.dumps([optimizer.state_dict(), schedule.state_dict()]))
    optimizer, schedule = build_both(component, 6, 3)
    optimizer.load_state_dict(stored[0])
    schedule.load_state_dict(stored[1])
    assert first + rates(optimizer, schedule, count - 4) == whole


@pytest.mark.parametrize(
    "make",
    [lambda: StepDecay(size=0), lambda: Exponential(gamma=0.0), lambda: Cosine(floor=1.0), lambda: OneCycle(1.0)],
)
def test_rejects_invalid_settings(make):
    with pytest.raises(ValueError):
        make()
