"""Assertions that several kinds of checks share: finite values, gradients, and the state of a module."""

from __future__ import annotations

import safetensors.torch
import torch
from torch import Tensor, nn


def assert_finite(tensor: Tensor, name: str) -> None:
    """Fail if a tensor contains NaN or infinity."""
    assert torch.isfinite(tensor).all(), f"{name} is not finite"


def assert_gradients_reach(module: nn.Module, scalar: Tensor) -> None:
    """Fail if the gradient of a scalar is missing, zero or not finite for a parameter of the module."""
    scalar.backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None, f"{name} has no gradient"
        gradient = parameter.grad.to_dense() if parameter.grad.is_sparse else parameter.grad
        assert_finite(gradient, f"the gradient of {name}")
        assert gradient.abs().sum() > 0, f"the gradient of {name} is zero"


def reload_state(module: nn.Module) -> dict[str, Tensor]:
    """Return the state of a module, saved as safetensors and loaded again."""
    state = {name: tensor.contiguous() for name, tensor in module.state_dict().items()}
    return safetensors.torch.load(safetensors.torch.save(state))
