"""Checks of activations."""

from __future__ import annotations

from typing import cast

import torch
from torch import nn

from zoo_core.components.contracts import Activation
from zoo_core.seeds import seeded
from zoo_core.testing.assertions import (
    assert_close,
    assert_equal,
    assert_finite,
    assert_gradient,
    assert_gradients_reach,
    reload_state,
)
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.inputs import make_scores


def build_activation(subject: Subject) -> nn.Module:
    """Build the module of an activation under a fixed seed."""
    with seeded(7, "init"):
        return cast(Activation, subject.component).build()


@register_check("activation", "the width of a layer must not change")
def keeps_the_shape(subject: Subject) -> None:
    for rows, width in ((5, 4), (1, 4), (1, 2), (3, 1)):
        shape = tuple(build_activation(subject)(make_scores(rows, width)).shape)
        assert shape == (rows, width), f"the output for ({rows}, {width}) scores has the shape {shape}"


@register_check("activation", "NaN would spread through the whole network")
def finite_output_and_gradient(subject: Subject) -> None:
    inputs = torch.cat([make_scores() * 10, torch.zeros(1, 4)]).requires_grad_()
    outputs = build_activation(subject)(inputs)
    assert_finite(outputs, "the output")
    outputs.sum().backward()
    assert inputs.grad is not None, "the input has no gradient"
    assert_finite(inputs.grad, "the gradient")


@register_check("activation", "the analytic gradient must be that of the function")
def gradient_is_correct(subject: Subject) -> None:
    module = build_activation(subject).double()
    assert_gradient(module, (make_scores(dtype=torch.float64),))


@register_check("activation", "a parameter without a gradient is never learned")
def gradient_reaches_every_parameter(subject: Subject) -> None:
    module = build_activation(subject)
    if not list(module.parameters()):
        skip("it has no parameters")
    assert_gradients_reach(module, (module(make_scores()) * make_scores(5, 4)).sum())


@register_check("activation", "the output of a row must not depend on the other rows of the batch")
def batch_equals_rows(subject: Subject) -> None:
    module, batch = build_activation(subject).eval(), make_scores()
    rows = torch.cat([module(batch[i : i + 1]) for i in range(len(batch))])
    assert_close(module(batch), rows, "the output of a row depends on the other rows")


@register_check("activation", "a slot accepts elementwise or rowwise activations")
def acts_as_declared(subject: Subject) -> None:
    module, batch = build_activation(subject).eval(), make_scores()
    changed = batch.clone()
    changed[:, 0] += 1
    is_elementwise = bool(torch.isclose(module(batch)[:, 1:], module(changed)[:, 1:]).all())
    declared = cast(Activation, subject.component).acts
    assert is_elementwise == (declared == "elementwise"), f"it is declared {declared}, but is not"


@register_check("activation", "the range decides which losses it is compatible with")
def output_is_in_range(subject: Subject) -> None:
    low, high = cast(Activation, subject.component).range
    outputs = build_activation(subject).eval()(torch.cat([make_scores(), make_scores() * 30]))
    smallest, largest = outputs.min(), outputs.max()
    assert smallest >= low and largest <= high, f"[{smallest:g}, {largest:g}] is outside [{low:g}, {high:g}]"


@register_check("activation", "a loss that expects probabilities relies on this declaration")
def is_probability_as_declared(subject: Subject) -> None:
    activation, outputs = cast(Activation, subject.component), build_activation(subject).eval()(make_scores())
    sums_to_one = torch.allclose(outputs.sum(dim=1), torch.ones(len(outputs)), atol=1e-5)
    is_in_unit_interval = bool((outputs >= 0).all() and (outputs <= 1).all())
    if activation.is_probability:
        is_probability = is_in_unit_interval and (sums_to_one or activation.acts == "elementwise")
        assert is_probability, "the output is not a probability"
    else:
        assert not (is_in_unit_interval and sums_to_one), "the output is a distribution, which is not declared"


@register_check("activation", "the caller may use its inputs again")
def does_not_modify_input(subject: Subject) -> None:
    inputs = make_scores()
    original = inputs.clone()
    build_activation(subject)(inputs)
    assert torch.equal(inputs, original), "the input was modified in place"


@register_check("activation", "the same seed must give the same numbers")
def deterministic(subject: Subject) -> None:
    first_module, second_module = build_activation(subject), build_activation(subject)
    with seeded(7, "dropout"):
        first = first_module(make_scores())
    with seeded(7, "dropout"):
        second = second_module(make_scores())
    assert_equal(second, first, "it computes other outputs when it is built again with the same seed")


@register_check("activation", "the state must contain everything that was learned")
def state_round_trip(subject: Subject) -> None:
    module = build_activation(subject)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.1)
    with seeded(8, "init"):  # another seed, so that what the state lacks differs
        restored = cast(Activation, subject.component).build()
    restored.load_state_dict(reload_state(module))
    outputs = restored.eval()(make_scores())
    assert_equal(outputs, module.eval()(make_scores()), "after its state was stored and loaded, it gives other outputs")
