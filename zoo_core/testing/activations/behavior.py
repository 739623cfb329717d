"""Checks of what an activation computes: shape, finite numbers, gradients, range, and what an output depends on."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor, nn

from zoo_core.components.contracts import Activation
from zoo_core.seeds import seeded
from zoo_core.testing.activations.inputs import ACTIVATION_INPUTS
from zoo_core.testing.assertions import assert_close, assert_finite, assert_gradient, assert_gradients_reach
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.inputs import make_scores

MODES = {True: "in training mode", False: "in evaluation mode"}
GRADIENT_SIZES = (1.0, 10.0, 100.0)
KINKS = (0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 6.0, -6.0)
STEP = 1e-6


def build_activation(subject: Subject) -> nn.Module:
    """Build the module of an activation under a fixed seed."""
    with seeded(7, "init"):
        return cast(Activation, subject.component).build()


def apply(module: nn.Module, scores: Tensor, seed: int = 7) -> Tensor:
    """Return the output under a fixed seed: in training mode an activation may be random."""
    with seeded(seed, "dropout"):
        return cast(Tensor, module(scores))


def is_random(module: nn.Module, scores: Tensor) -> bool:
    """Return whether the output depends on the seed."""
    return not torch.equal(apply(module, scores, 1), apply(module, scores, 2))


@register_check("activation", "the width of a layer must not change")
def keeps_the_shape(subject: Subject) -> None:
    module = build_activation(subject)
    for description, scores in ACTIVATION_INPUTS:
        try:
            shape = tuple(module(scores).shape)
        except RuntimeError as error:  # torch's, as of a parameter of another width
            raise AssertionError(f"it fails for {description}: {error}") from error
        assert shape == tuple(scores.shape), f"the output for {description} has the shape {shape}"


@register_check("activation", "NaN would spread through the whole network")
def finite_output_and_gradient(subject: Subject) -> None:
    module, has_gradient = build_activation(subject), False
    for description, scores in ACTIVATION_INPUTS:
        scores.requires_grad_()
        outputs = module(scores)
        assert_finite(outputs, f"the output for {description}")
        assert outputs.requires_grad, "the input has no gradient: the output is detached from it"
        (outputs * torch.linspace(1, 2, outputs.shape[1])).sum().backward()
        assert scores.grad is not None, "the input has no gradient"
        assert_finite(scores.grad, f"the gradient for {description}")
        has_gradient = has_gradient or bool(scores.grad.any())
    assert has_gradient, "the gradient is zero everywhere: nothing below it is learned"


@register_check("activation", "the analytic gradient must be that of the function")
def gradient_is_correct(subject: Subject) -> None:
    module = build_activation(subject).double()
    scores = make_scores(3, 3, dtype=torch.float64)
    function = (lambda values: apply(module, values)) if is_random(module, scores) else module
    for size in GRADIENT_SIZES:
        assert_gradient(function, (scores * size,), f"for scores up to {3 * size:g} in size")
    if cast(Activation, subject.component).acts == "elementwise":
        _check_kinks(function)


def _check_kinks(function: Callable[[Tensor], Tensor]) -> None:
    """Fail if the gradient at 0 or another likely kink is not between the slopes on both sides of it."""
    at = torch.tensor([KINKS], dtype=torch.float64, requires_grad=True)
    outputs = function(at)
    [gradient] = torch.autograd.grad(outputs.sum(), at)
    with torch.no_grad():
        left, right = (function(at + step) - outputs for step in (-STEP, STEP))
    slopes = torch.stack([-left / STEP, right / STEP])
    (low, _), (high, _) = slopes.min(dim=0), slopes.max(dim=0)
    margin = 1e-3 * (1 + slopes.abs().amax(dim=0))
    for i in ((gradient < low - margin) | (gradient > high + margin)).nonzero()[:, 1].tolist():
        text = f"the gradient at {KINKS[i]:g} is {float(gradient[0, i]):.4g}"
        raise AssertionError(
            f"{text}, but the slope of the function is {float(low[0, i]):.4g} to {float(high[0, i]):.4g}"
        )


@register_check("activation", "a parameter without a gradient is never learned")
def gradient_reaches_every_parameter(subject: Subject) -> None:
    module = build_activation(subject)
    if not list(module.parameters()):
        skip("it has no parameters")
    assert_gradients_reach(module, (module(make_scores()) * make_scores(5, 4)).sum())


@register_check("activation", "the output of a row must not depend on the other rows of the batch")
def batch_equals_rows(subject: Subject) -> None:
    module = build_activation(subject)
    for mode, when in MODES.items():
        if is_random(module.train(mode), make_scores()):
            continue
        for description, scores in ACTIVATION_INPUTS:
            outputs = module(scores)
            for row in {0, len(scores) // 2, len(scores) - 1}:
                what = f"{when}, the output of row {row} of {description} depends on the other rows"
                assert_close(outputs[row : row + 1], module(scores[row : row + 1]), what)


@register_check("activation", "a slot accepts elementwise or rowwise activations")
def acts_as_declared(subject: Subject) -> None:
    module, declared = build_activation(subject).eval(), cast(Activation, subject.component).acts
    is_elementwise = True
    for description, scores in ACTIVATION_INPUTS:
        outputs, alone = module(scores), module(scores.reshape(-1, 1)).reshape(scores.shape)
        if declared == "elementwise":
            what = f"it is declared elementwise, but for {description} the output of a feature is not that of it alone"
            assert_close(outputs, alone, what)
        is_elementwise = is_elementwise and bool(torch.isclose(outputs, alone).all())
    assert is_elementwise == (declared == "elementwise"), f"it is declared {declared}, but each feature is by itself"


@register_check("activation", "the range decides which losses it is compatible with")
def output_is_in_range(subject: Subject) -> None:
    low, high = cast(Activation, subject.component).range
    module = build_activation(subject)
    for mode, when in MODES.items():
        for description, scores in ACTIVATION_INPUTS:
            outputs = module.train(mode)(scores)
            smallest, largest = float(outputs.detach().min()), float(outputs.detach().max())
            assert smallest >= low and largest <= high, (
                f"{when}, the output for {description} is from {smallest:.9g} to {largest:.9g}, "
                f"outside the declared range from {low:g} to {high:g}"
            )


@register_check("activation", "a loss that expects probabilities relies on this declaration")
def is_probability_as_declared(subject: Subject) -> None:
    activation, module = cast(Activation, subject.component), build_activation(subject).eval()
    is_distribution = True
    for description, scores in ACTIVATION_INPUTS:
        outputs = module(scores)
        sums = outputs.detach().sum(dim=1)
        is_in_unit_interval = bool((outputs >= 0).all() and (outputs <= 1).all())
        sums_to_one = torch.allclose(sums, torch.ones(len(sums)), atol=1e-5)
        is_distribution = is_distribution and is_in_unit_interval and sums_to_one
        if activation.is_probability:
            assert is_in_unit_interval, f"the output for {description} is not a probability: it leaves 0 to 1"
            if activation.acts == "rowwise":
                off = float(sums[(sums - 1).abs().argmax()])
                assert sums_to_one, f"the output for {description} is not a distribution: a row sums to {off:g}"
    assert activation.is_probability or not is_distribution, "the output is a distribution, which is not declared"
