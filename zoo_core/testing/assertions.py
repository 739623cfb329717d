"""Assertions."""

from __future__ import annotations

import safetensors.torch
import torch
from torch import Tensor, nn


def all_finite(tensor: Tensor, what: str) -> None:
    """Fail where a tensor holds NaN or infinity."""
    assert torch.isfinite(tensor).all(), f"{what} is not finite"


def parameters_reached(module: nn.Module, scalar: Tensor) -> None:
    """Fail where the gradient of a scalar misses a parameter or is not finite."""
    scalar.backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None, f"no gradient reaches {name}"
        gradient = parameter.grad.to_dense() if parameter.grad.is_sparse else parameter.grad
        all_finite(gradient, f"the gradient of {name}")
        assert gradient.abs().sum() > 0, f"the gradient of {name} is zero"


def reloaded(module: nn.Module) -> dict[str, Tensor]:
    """A module's state, saved as safetensors and loaded again."""
    state = {name: tensor.contiguous() for name, tensor in module.state_dict().items()}
    return safetensors.torch.load(safetensors.torch.save(state))
