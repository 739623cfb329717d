"""Checks of the steps of optimizers: they minimize, and reach every parameter in the same way."""

from __future__ import annotations

import inspect
import math
from typing import Any

import torch
from torch import Tensor, nn

from zoo_core.testing.assertions import assert_close, assert_equal
from zoo_core.testing.checks import Subject, register_check, skip
from zoo_core.testing.optimizers.training import (
    PARAMETERS,
    Points,
    build_optimizer,
    draws_random_numbers,
    loss_of,
    make_points,
    needs_closure,
    run,
    take_step,
    values_of,
    variants,
)

QUADRATIC_STEPS = 300
REPEATED_STEPS = 250  # running means with a decay of 0.9 are then those of a constant, to the last digit
MAX_REMAINING_LOSS = 0.95  # of the initial loss
FIRST = "in the first step"  # later, a method for the whole vector of parameters, as L-BFGS, may move all of them
MIN_DECAYED = 0.3  # size of the parameters that must not grow without a gradient


def minimize_steps(subject: Subject, steps: int = QUADRATIC_STEPS) -> list[float]:
    """Return the values of a quadratic function while the optimizer minimizes it."""
    points: Points = {"weight": nn.Parameter(torch.tensor([1.0, -2.0, 0.5]))}
    optimizer = build_optimizer(subject, points)
    factors = torch.tensor([1.0, 0.5, 2.0])
    return [
        take_step(subject, optimizer, lambda: (points["weight"].square() * factors).sum()) for _ in range(steps)
    ] + [float((points["weight"].detach().square() * factors).sum())]


@register_check("optimizer", "an optimizer must minimize a quadratic function")
def minimizes_quadratic(subject: Subject) -> None:
    values = minimize_steps(subject)
    assert all(math.isfinite(value) for value in values), "the loss is not finite"
    is_lower = values[-1] < MAX_REMAINING_LOSS * values[0]
    assert is_lower, f"from {values[0]:g} to {values[-1]:g} in {QUADRATIC_STEPS} steps"


@register_check("optimizer", "the same seed must give the same numbers")
def deterministic(subject: Subject) -> None:
    for description in PARAMETERS.makers:
        first, second = make_points(description), make_points(description)
        run(subject, first, 3)
        run(subject, second, 3)
        assert_equal(values_of(second), values_of(first), f"built again, it takes other steps for {description}")


@register_check("optimizer", "each parameter must be updated")
def updates_every_parameter(subject: Subject) -> None:
    for description in PARAMETERS.makers:
        points = make_points(description)
        before = values_of(points)
        run(subject, points, 3, f"for {description}")
        for name, point in points.items():
            still = point.detach() == before[name]
            shape = tuple(point.shape)
            if before[name].abs().max() < 50:  # the largest numbers may be too large for a small step
                assert not still.any(), f"a parameter of shape {shape} ({name}) does not change, for {description}"


@register_check("optimizer", "the steps of a parameter must not depend on the order of the parameters of a model")
def same_in_any_order(subject: Subject) -> None:
    if draws_random_numbers(subject):
        skip("it draws random numbers, in the order of the parameters")
    points = make_points()
    turned = make_points(names=tuple(reversed(points)))
    run(subject, points, 4)
    run(subject, turned, 4)
    values = values_of(turned)
    what = "with the same parameters in another order, it takes other steps: state must be kept per parameter"
    assert_close({name: values[name] for name in points}, values_of(points), what, rtol=1e-3, atol=1e-5)


@register_check("optimizer", "a part of a model that a batch does not use has no gradient")
def skips_parameters_without_gradient(subject: Subject) -> None:
    points = make_points()
    unused: Points = {name: points[name] for name in ("hidden.weight", "other.bias")}
    used: Points = {name: point for name, point in points.items() if name not in unused}
    optimizer = build_optimizer(subject, points)
    for when in (FIRST, "after steps with one", "after it was frozen"):
        before = values_of(points)
        take_step(subject, optimizer, lambda: loss_of(used), f"for a parameter without a gradient {when}")
        for name, point in unused.items() if when == FIRST or not needs_closure(subject) else ():
            assert torch.equal(point, before[name]), f"a parameter without a gradient is updated, {when}"
        for name, point in used.items():
            text = f"a parameter with a gradient is not updated if another one has none, {when}"
            assert not torch.equal(point, before[name]), text
        if when == FIRST:
            take_step(subject, optimizer, lambda: loss_of(points), "for the first gradient in the second step")
            for name, point in unused.items():
                text = "a parameter whose first gradient comes in the second step is not updated"
                assert not torch.equal(point, before[name]), text
        for point in unused.values():
            point.requires_grad_(when == FIRST)


@register_check("optimizer", "the gradients of successive batches must not accumulate")
def clears_gradients(subject: Subject) -> None:
    points = make_points()
    optimizer = build_optimizer(subject, points)
    take_step(subject, optimizer, lambda: loss_of(points))
    optimizer.zero_grad()
    grads = [point.grad for point in points.values()]
    assert all(grad is None or not grad.any() for grad in grads), "zero_grad() does not clear the gradient"


@register_check("optimizer", "other code may read the gradients after a step, as gradient norms are")
def leaves_gradients(subject: Subject) -> None:
    if needs_closure(subject):
        skip("it needs a closure, which computes the gradients again")
    points = make_points()
    optimizer = build_optimizer(subject, points)
    for step in (1, 2):
        optimizer.zero_grad()
        loss_of(points).backward()
        before = {name: point.grad.clone() for name, point in points.items() if point.grad is not None}
        optimizer.step()
        after = {name: point.grad for name, point in points.items() if point.grad is not None}
        assert_equal(after, before, f"step {step} changes the gradients in place")
        for point in points.values():
            for key, value in optimizer.state[point].items() if point in optimizer.state else ():
                is_gradient = (
                    isinstance(value, Tensor) and point.grad is not None and value.data_ptr() == point.grad.data_ptr()
                )
                assert not is_gradient, f'after step {step} the state "{key}" is the gradient itself: clone it'


@register_check("optimizer", "a weight may have no gradient for a long time, and a gradient of 0")
def gradients_of_zero(subject: Subject) -> None:
    is_random = draws_random_numbers(subject)
    for suffix, variant in variants(subject):
        for factor in (0.0, 1e-30):
            points = make_points("parameters that start at 0 and -0")
            optimizer = build_optimizer(variant, points)
            for step in (1, 2, 3):
                before = values_of(points)
                take_step(variant, optimizer, lambda: loss_of(points) * factor)  # noqa: B023
                for name, point in points.items():
                    where = f"for gradients of {factor:g} in step {step}{suffix}"
                    assert torch.isfinite(point).all(), f"parameters become {_first_wrong(point):g} {where}"
                    if factor == 0 and not is_random:
                        text = f"parameters move away from 0 {where}: their decay has the wrong sign"
                        assert not _has_grown(point.detach(), before[name]), text


def _has_grown(values: Tensor, before: Tensor) -> bool:
    """Whether a number has grown; small ones may, as a step can lead beyond 0."""
    return bool(((values.abs() > before.abs() + 1e-6) & (before.abs() > MIN_DECAYED)).any())


def _first_wrong(point: Tensor) -> float:
    return float(point.detach()[~torch.isfinite(point)].flatten()[0])


@register_check("optimizer", "the weights of a model keep their type, and rules must be the same for every type")
def keeps_type_of_parameters(subject: Subject) -> None:
    points, wide = make_points(), make_points(dtype=torch.float64)
    run(subject, points, 4)
    optimizer = run(subject, wide, 4, "for parameters of float64")
    for name, point in wide.items():
        got = str(point.dtype).removeprefix("torch.")
        assert point.dtype == torch.float64, f"it turns parameters of float64 into {got}"
        what = f"for parameters of float64 it takes other steps ({name})"
        assert_close(point.detach().float(), points[name].detach(), what, rtol=1e-2, atol=1e-3)
        for key, value in optimizer.state[point].items() if point in optimizer.state else ():
            if isinstance(value, Tensor) and value.is_floating_point() and value.shape == point.shape != ():
                got = str(value.dtype).removeprefix("torch.")
                text = f'for parameters of float64 the state "{key}" is {got}: make it with torch.zeros_like(parameter)'
                assert value.dtype == torch.float64, text


@register_check("optimizer", "a gradient may be the same for many steps")
def finite_for_repeated_gradients(subject: Subject) -> None:
    gradient = torch.linspace(-3, 3, 500)
    point = nn.Parameter(torch.ones(len(gradient)))
    optimizer = build_optimizer(subject, {"weight": point})
    for step in range(REPEATED_STEPS):
        take_step(subject, optimizer, lambda: (point * gradient).sum())
        wrong = (~torch.isfinite(point.detach())).nonzero().flatten()
        if len(wrong):
            value, size = float(point.detach()[wrong[0]]), float(gradient[wrong[0]])
            raise AssertionError(f"a parameter with the gradient {size:.4g} in each step is {value:g} after {step + 1}")


@register_check("optimizer", "step(closure) is part of torch's interface: it returns the loss of the closure")
def returns_loss_of_closure(subject: Subject) -> None:
    points = make_points()
    optimizer = build_optimizer(subject, points)
    losses: list[float] = []

    def closure() -> Tensor:
        text = (
            "step(closure) calls the closure without gradients: step() is under no_grad, the closure needs enable_grad"
        )
        assert torch.is_grad_enabled(), text
        optimizer.zero_grad()
        loss = loss_of(points)
        loss.backward()
        losses.append(float(loss.detach()))
        return loss

    try:
        inspect.signature(optimizer.step).bind(closure)
    except TypeError:
        assert not needs_closure(subject), "it needs a closure, but step() takes none"
        skip("step() takes no closure")
    returned: Any = optimizer.step(closure)  # type: ignore[arg-type]
    assert losses, "step(closure) does not call the closure"
    assert returned is not None, f"step(closure) returns None instead of the loss, {losses[0]:.4g}"
    value = float(torch.as_tensor(returned).detach())
    is_loss = any(math.isclose(value, loss, rel_tol=1e-5) for loss in losses)
    assert is_loss, f"step(closure) returns {value:.4g} instead of the loss, {losses[0]:.4g}"
