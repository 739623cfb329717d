"""Assertions of the checks, with messages in the words of a component's author: never an expression of the kit.

`what` is what is wrong, as a statement about the component: "the scores of a row change with the other rows". The
numbers follow it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import safetensors.torch
import torch
from torch import Tensor, nn

from zoo_core.testing.differences import default_tolerances, find_difference

STEP = 1e-6  # of the numeric derivative


def assert_close(
    actual: object, expected: object, what: str, *, rtol: float | None = None, atol: float | None = None
) -> None:
    """Fail with `what` and the largest difference if two results differ by more than the tolerances.

    Results are tensors, numbers, frames, and lists, dictionaries and attrs objects of these. The tolerances are those
    of the data type.
    """
    default_rtol, default_atol = default_tolerances(expected)
    difference = find_difference(
        actual, expected, rtol=default_rtol if rtol is None else rtol, atol=default_atol if atol is None else atol
    )
    assert not difference, f"{what}: {difference}"


def assert_equal(actual: object, expected: object, what: str) -> None:
    """Fail with `what` and the first difference if two results are not exactly the same; NaN equals NaN."""
    difference = find_difference(actual, expected)
    assert not difference, f"{what}: {difference}"


def assert_gradient(function: Callable[..., Tensor], inputs: Sequence[Tensor], where: str = "") -> None:
    """Fail if autograd's gradient of a function of float64 tensors is not its numeric derivative.

    `where` describes the inputs: "for 512 rows".
    """
    inputs = [tensor.detach().clone().requires_grad_() for tensor in inputs]
    if torch.autograd.gradcheck(function, tuple(inputs), raise_exception=False):
        return
    outputs = function(*inputs)
    weights = torch.linspace(1, 2, outputs.numel(), dtype=outputs.dtype).view_as(outputs)
    assert outputs.requires_grad, f"its output has no gradient {where}".rstrip()
    gradients = torch.autograd.grad((outputs * weights).sum(), inputs, allow_unused=True)
    for tensor, gradient in zip(inputs, gradients, strict=True):
        numeric = _differentiate(lambda: (function(*inputs) * weights).sum(), tensor.detach())
        what = f"the gradient is not the slope of the function {where}".rstrip()
        found = torch.zeros_like(tensor) if gradient is None else gradient
        assert_close(found, numeric, what, rtol=1e-3, atol=1e-5)
    raise AssertionError(f"the gradient is not the slope of the function {where}".rstrip())


def _differentiate(function: Callable[[], Tensor], values: Tensor) -> Tensor:
    """The numeric derivative of a scalar by each of the values that it depends on, which are changed in turn."""
    numeric, flat = torch.zeros_like(values), values.view(-1)
    with torch.no_grad():
        for i in range(flat.numel()):
            before = float(flat[i])
            ends = []
            for step in (STEP, -STEP):
                flat[i] = before + step
                ends.append(float(function()))
            flat[i] = before
            numeric.view(-1)[i] = (ends[0] - ends[1]) / (2 * STEP)
    return numeric


def assert_finite(tensor: Tensor, name: str) -> None:
    """Fail if a tensor contains NaN or infinity."""
    wrong = tensor.detach()[~torch.isfinite(tensor.detach())]
    assert not wrong.numel(), f"{name} is not finite: {wrong.numel():,} of {tensor.numel():,} values, as {wrong[0]:g}"


def assert_gradients_reach(module: nn.Module, scalar: Tensor) -> None:
    """Fail if the gradient of a scalar is missing, zero or not finite for a parameter of the module."""
    scalar.backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None, f"{name} has no gradient"
        gradient = parameter.grad.to_dense() if parameter.grad.is_sparse else parameter.grad
        assert_finite(gradient, f"the gradient of {name}")
        assert gradient.abs().sum() > 0, f"the gradient of {name} is zero"


def assert_made_in_build(built: set[str], used: set[str]) -> None:
    """Fail unless the names in the state of a module are the same when it is built and after it was used."""
    later, missing = sorted(used - built), sorted(built - used)
    assert not later, f"{later[0]} is in its state after the first call only, and not trained: make it in build()"
    assert not missing, f"{missing[0]} is no longer in its state after the first call"


def reload_state(module: nn.Module) -> dict[str, Tensor]:
    """Return the state of a module, saved as safetensors and loaded again."""
    state = {name: tensor.clone().contiguous() for name, tensor in module.state_dict().items()}
    return safetensors.torch.load(safetensors.torch.save(state))
