"""Checks of the course of a schedule: its first and its last rate, its unit, and the metric that it follows."""

from __future__ import annotations

import math
from typing import cast

from zoo_core.components.contracts import Scheduler
from zoo_core.testing.assertions import assert_equal
from zoo_core.testing.checks import Subject, register_check, skip
from zoo_core.testing.schedulers.training import (
    INITIAL_RATE,
    METRICS,
    ScheduledTraining,
    describe_length,
    rates_of,
)

SPLITS = ((1, 100), (2, 50), (10, 10), (100, 1))  # epochs and batches: 100 batches in all
EPOCHS = ((200, 1), (50, 2), (20, 1))
LONG = (2, 500)
EARLY = 0.6  # share of the training before which a schedule of its length must not be over
LATE = 0.9
NO_RATE = 1e-6  # share of the highest rate at which nothing is learned
TOLERANCE = 0.1  # between the last rates of trainings of the same length, as a share of the initial rate


def _interval(subject: Subject) -> str:
    interval = cast(Scheduler, subject.component).interval
    if interval == "never":
        skip("it never steps")
    return interval


@register_check("scheduler", "a batch at a learning rate of 0 teaches nothing, and the first steps set the course")
def first_rate(subject: Subject) -> None:
    _interval(subject)
    for epochs, batches in ((5, 4), (10, 10), (40, 1)):
        rates, where = rates_of(subject, epochs, batches), describe_length(epochs, batches)
        assert rates[0] > 0, f"the rate of the first batch is 0 {where}"
        if cast(Scheduler, subject.component).never_increases:
            is_first = math.isclose(rates[0], INITIAL_RATE, rel_tol=1e-6)
            text = f"the rate of the first batch is {rates[0]:.4g} instead of {INITIAL_RATE} {where}"
            assert is_first, f"{text}: the schedule starts with its second rate"
        for epoch in range(epochs - 1):
            in_epoch = rates[epoch * batches : (epoch + 1) * batches]
            assert max(in_epoch) > 0, f"the rate is 0 in all batches of epoch {epoch + 1} {where}"


@register_check("scheduler", "steps are counted in batches or in epochs, as `interval` declares")
def unit_of_steps(subject: Subject) -> None:
    if _interval(subject) == "epoch":
        _check_epochs(subject)
        return
    splits = [(split, rates_of(subject, *split)) for split in SPLITS]
    for split, rates in (*splits, (LONG, rates_of(subject, *LONG))):
        count = sum(rate <= NO_RATE * max(rates) for rate in rates)
        text = f"in {count} of {len(rates) - 1} batches the rate is below a millionth of the highest one"
        assert count <= len(rates) / 2, f"{text} {describe_length(*split)}: a decay per epoch at each batch?"
    ends = {split: _last_change(rates) for split, rates in splits if rates[-1] < max(rates)}
    if len(ends) == len(SPLITS) and max(ends.values()) >= LATE:
        for split, end in ends.items():
            text = f"{describe_length(*split)} the rate does not change after batch {round(end * 100)} of 100"
            assert end >= EARLY, f"{text}: the length of a training is epochs · steps_per_epoch"


def _last_change(rates: list[float]) -> float:
    """The share of a training after which the rate is constant."""
    last = max((batch for batch in range(1, len(rates)) if rates[batch] != rates[batch - 1]), default=0)
    return last / (len(rates) - 1)


def _check_epochs(subject: Subject) -> None:
    """Fail if the rates of the epochs depend on the number of batches in each."""
    expected = rates_of(subject, 10, 1)[:10]
    for batches in (7, 50):
        rates = rates_of(subject, 10, batches)[: 10 * batches : batches]
        what = f"it steps per epoch, but the rates of 10 epochs are others with {batches} batches in each than with one"
        assert_equal(rates, expected, what)


@register_check("scheduler", "a schedule over the whole training must reach its end, however many epochs it has")
def last_rate(subject: Subject) -> None:
    is_epoch = _interval(subject) == "epoch"
    short, long = ((20, 1), (200, 1)) if is_epoch else ((1, 50), (2, 50))
    if rates_of(subject, *short)[:20] == rates_of(subject, *long)[:20]:
        skip("its rates do not depend on the length of the training")
    splits = EPOCHS if is_epoch else SPLITS
    last = {split: rates_of(subject, *split)[-1] for split in splits}
    for split, rate in last.items():
        text = f"the last rate is {rate:.4g} {describe_length(*split)}, but {last[splits[0]]:.4g} "
        text += describe_length(*splits[0])
        assert abs(rate - last[splits[0]]) <= TOLERANCE * INITIAL_RATE, text


@register_check("scheduler", "the metric is passed so that lower is better, may be negative and may not be a number")
def lower_metric_is_better(subject: Subject) -> None:
    if not cast(Scheduler, subject.component).needs_metric:
        skip("it does not need a metric")
    rates = {name: _rates_for(subject, metrics) for name, metrics in METRICS}
    improving, worse = rates["a metric that improves"], rates["a metric that gets worse"]
    text = (
        f"it is {improving[-1]:.4g} after 20 epochs in which it falls, and {worse[-1]:.4g} after 20 in which it rises"
    )
    assert sum(improving) > sum(worse), (
        f"the rate must fall if the metric does not improve, and lower is better: {text}"
    )
    what = "the rates are others for a constant negative metric than for a constant positive one"
    assert_equal(rates["a constant negative metric"], rates["a constant metric"], what)
    what = "the rates are others for a constant metric of 0 than for one of 1"
    assert_equal(rates["a metric of 0"], rates["a constant metric"], what)
    text = "after one metric that is NaN the rate falls, although the metric improves"
    assert sum(rates["a metric that is NaN first"]) > sum(worse), text
    text = "every second metric is NaN and the others get worse, but the rate does not fall: NaN is not an improvement"
    assert min(rates["a metric that gets worse, with NaN between"]) < INITIAL_RATE, text


def _rates_for(subject: Subject, metrics: list[float]) -> list[float]:
    return ScheduledTraining(subject, epochs=len(metrics), batches=1, metrics=metrics).run(len(metrics))
