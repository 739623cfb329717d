"""Schedulers of the textbook."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from zoo_textbook.optimizers import SGD, Adam
from zoo_textbook.schedulers import NoSchedule, ReduceOnPlateau


def rates(component, figures, make=SGD):
    """The learning rate after each metric value."""
    optimizer = make(lr=0.8).build([nn.Parameter(torch.zeros(1))])
    schedule = component.build(optimizer, epochs=len(figures), steps_per_epoch=1)
    values = []
    for figure in figures:
        optimizer.step()
        schedule.step(figure) if component.needs_metric else schedule.step()
        values.append(optimizer.param_groups[0]["lr"])
    return values


def by_hand(figures, factor, patience):
    """The book's rule: after more than `patience` epochs in a row that are no better than the best, lr falls."""
    lr, best, bad, values = 0.8, float("inf"), 0, []
    for figure in figures:
        bad = 0 if figure < best else bad + 1
        best = min(best, figure)
        if bad > patience:
            lr, bad = lr * factor, 0
        values.append(lr)
    return values


@pytest.mark.parametrize("make", [SGD, Adam])
def test_known_values(make):
    component = ReduceOnPlateau(factor=0.5, patience=1)
    figures = [1.0, 0.9, 0.95, 0.9, 0.8, 0.81, 0.82, 0.83, 0.84]
    assert rates(component, figures, make) == pytest.approx([0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2, 0.1])


@given(
    st.lists(st.sampled_from([-2.0, -1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 3.0]), min_size=1, max_size=12),
    st.sampled_from([0.1, 0.5, 0.9]),
    st.integers(0, 3),
)
def test_equals_the_rule_of_the_textbook(figures, factor, patience):
    values = rates(ReduceOnPlateau(factor=factor, patience=patience), figures)
    assert values == pytest.approx(by_hand(figures, factor, patience), rel=1e-4, abs=2e-8)


@pytest.mark.parametrize("figure", [-0.9, -100.0, 0.0, 0.5])
def test_a_constant_metric_reduces_the_rate(figure):
    """A negative metric value, such as the negated accuracy, does not improve when it stays the same."""
    assert rates(ReduceOnPlateau(patience=1), [figure] * 5) == pytest.approx([0.8, 0.8, 0.4, 0.4, 0.2])


@pytest.mark.parametrize("start", [-0.5, 0.5])
def test_any_improvement_keeps_the_rate(start):
    figures = [start - 1e-9 * epoch for epoch in range(6)]
    assert rates(ReduceOnPlateau(patience=0), figures) == [0.8] * 6


def test_negative_metrics():
    assert rates(ReduceOnPlateau(patience=0), [-0.5, -0.6, -0.55, -0.7]) == pytest.approx([0.8, 0.8, 0.4, 0.4])


@pytest.mark.parametrize("make", [SGD, Adam])
def test_none_keeps_the_rate(make):
    assert rates(NoSchedule(), [1.0] * 7, make) == [0.8] * 7
    assert NoSchedule.interval == "never" and ReduceOnPlateau.interval == "epoch"


def test_state_round_trip():
    component = ReduceOnPlateau(patience=1)
    optimizer = SGD(lr=0.8).build([nn.Parameter(torch.zeros(1))])
    schedule = component.build(optimizer, epochs=9, steps_per_epoch=1)
    schedule.step(-1.0), schedule.step(-1.0)
    again = component.build(optimizer, epochs=9, steps_per_epoch=1)
    again.load_state_dict(schedule.state_dict())
    again.step(-1.0)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.4)


@pytest.mark.parametrize("settings", [{"factor": 0.0}, {"factor": 1.0}, {"factor": -0.5}, {"patience": -1}])
def test_rejects_settings_out_of_bounds(settings):
    with pytest.raises(ValueError):
        ReduceOnPlateau(**settings)
