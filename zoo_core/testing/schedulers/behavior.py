"""Checks of schedulers: valid rates of any length, the same in every run, of every group, and nothing but rates."""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Mapping
from typing import Any, cast

from zoo_core.components.contracts import Scheduler
from zoo_core.testing.assertions import assert_equal
from zoo_core.testing.checks import Subject, register_check, skip
from zoo_core.testing.optimizers.training import reload_checkpoint
from zoo_core.testing.schedulers.training import (
    INITIAL_RATE,
    LENGTHS,
    METRICS,
    OTHERS,
    RATES,
    ScheduledTraining,
)

HIGHEST_RATE = 10 * INITIAL_RATE
EXTRA_BATCHES = 8  # after the announced ones, as in a training that is continued
NEGLIGIBLE = 1e-12


@register_check("scheduler", "the training loop must get a finite learning rate of at least 0")
def valid_learning_rates(subject: Subject) -> None:
    for description, (epochs, batches) in LENGTHS:
        training = ScheduledTraining(subject, epochs=epochs, batches=batches, where=f"for {description}")
        rates = [*training.run(epochs * batches), *_run_on(training)]
        _assert_valid(rates, epochs * batches, f"for {description}")
    if cast(Scheduler, subject.component).needs_metric:
        for description, metrics in METRICS:
            where = f"for {description}"
            training = ScheduledTraining(subject, epochs=len(metrics), batches=1, metrics=metrics, where=where)
            _assert_valid(training.run(len(metrics)), len(metrics), where)


def _run_on(training: ScheduledTraining) -> list[float]:
    """The rates after the announced batches; a scheduler may end there with an error, as torch's one-cycle does."""
    rates = [training.rate]
    with contextlib.suppress(Exception):
        for _ in range(EXTRA_BATCHES):
            training.run(1)
            rates.append(training.rate)
    return rates


def _assert_valid(rates: list[float], announced: int, where: str) -> None:
    for batch, rate in enumerate(rates, 1):
        if not (math.isfinite(rate) and 0 <= rate <= HIGHEST_RATE):
            after = f", after the {announced} announced ones" if batch > announced else ""
            raise AssertionError(
                f"the rate of batch {batch}{after} is {rate:.4g} {where}, starting from {INITIAL_RATE}"
            )


@register_check("scheduler", "a scheduler that steps must change the learning rate")
def changes_rate_if_it_steps(subject: Subject) -> None:
    rates = ScheduledTraining(subject, epochs=40, batches=1).run(40)
    if len(set(rates)) == 1:
        rates = ScheduledTraining(subject, epochs=10, batches=10).run(100)
    if cast(Scheduler, subject.component).interval == "never":
        assert set(rates) == {INITIAL_RATE}, "it never steps, but changes the rate"
    else:
        assert len(set(rates)) > 1, f"the rate is {rates[0]:g} in all epochs"


@register_check("scheduler", "a scheduler that declares a non-increasing rate must not increase it")
def never_increases_as_declared(subject: Subject) -> None:
    if not cast(Scheduler, subject.component).never_increases:
        skip("it does not declare that its rate never increases")
    for description, (epochs, batches) in LENGTHS:
        training = ScheduledTraining(subject, epochs=epochs, batches=batches, where=f"for {description}")
        rates = [*training.run(epochs * batches), *_run_on(training)]
        for batch, (before, after) in enumerate(itertools.pairwise(rates), 2):
            text = f"the rate increases at batch {batch} for {description}: from {before:.4g} to {after:.4g}"
            assert after <= before + NEGLIGIBLE, text


@register_check("scheduler", "two runs of a recipe must have the same schedule")
def reproducible_schedule(subject: Subject) -> None:
    first = ScheduledTraining(subject).run(20)
    assert_equal(ScheduledTraining(subject).run(20), first, "in a second run the schedule differs")
    mixed, other = ScheduledTraining(subject), ScheduledTraining(subject, epochs=10, batches=2)
    rates = []
    for _ in range(20):
        rates += mixed.run(1)
        other.run(1)
    assert_equal(rates, first, "the schedule differs while another run has a scheduler of its own")


@register_check("scheduler", "an interrupted run must continue from its checkpoint as if it was not interrupted")
def state_round_trip(subject: Subject) -> None:
    metrics: Mapping[str, list[float]] = {"": [], **dict(METRICS)} if _needs_metric(subject) else {"": []}
    for description, values in metrics.items():
        for batches in (4, 8, 16):
            first, second = (ScheduledTraining(subject, metrics=values) for _ in range(2))
            first.run(batches)
            second.completed = first.completed
            second.optimizer.load_state_dict(reload_checkpoint(first.optimizer.state_dict()))
            second.scheduler.load_state_dict(reload_checkpoint(first.scheduler.state_dict()))
            rates = first.run_groups(20 - batches)
            what = f"the schedule differs after it was restored from a checkpoint of batch {batches} {description}"
            assert_equal(second.run_groups(20 - batches), rates, what.rstrip())


def _needs_metric(subject: Subject) -> bool:
    return cast(Scheduler, subject.component).needs_metric


@register_check("scheduler", "an optimizer may have groups of parameters with a learning rate of their own")
def changes_every_group(subject: Subject) -> None:
    training = ScheduledTraining(subject, epochs=10, batches=4)
    found = training.run_groups(40)
    for batch, (first, second) in enumerate(found, 1):
        text = (
            f"at batch {batch} the groups have the rates {first:.4g} and {second:.4g}, from {RATES[0]} and {RATES[1]}"
        )
        if first <= RATES[0] * (1 + 1e-6):
            assert second <= RATES[1] * (1 + 1e-6), f"{text}: groups must keep rates of their own"
    changes = [len({rates[group] for rates in found}) > 1 for group in range(len(RATES))]
    assert changes[1] == changes[0], "it changes the rate of the first group of parameters only"


@register_check("scheduler", "momentum, weight decay and the initial rate are settings of the optimizer")
def changes_only_the_rate(subject: Subject) -> None:
    training = ScheduledTraining(subject)
    at_build, defaults = _other_values(training), dict(training.optimizer.defaults)
    points = [group["params"][0].detach().clone() for group in training.optimizer.param_groups]
    for _ in range(20):
        training.run(1)
        for name, values in _other_values(training).items():
            expected = [OTHERS[name]] * len(RATES) if name in OTHERS else at_build.get(name, values)
            assert values == expected, f"it changes {name} of the optimizer from {expected[0]} to {values[0]}"
    for name, value in defaults.items():
        now = training.optimizer.defaults[name]
        assert now == value, f"it changes the default {name} of the optimizer: {value} became {now}"
    for group, point in zip(training.optimizer.param_groups, points, strict=True):
        assert_equal(group["params"][0].detach(), point, "it changes parameters")


def _other_values(training: ScheduledTraining) -> dict[str, list[Any]]:
    """The values of each group but its rate and its parameters, by name."""
    groups = training.optimizer.param_groups
    names = [name for name in groups[0] if name not in ("params", "lr")]
    return {name: [group.get(name) for group in groups] for name in names}
