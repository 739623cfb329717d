"""Torch's optimizers without the wrappers that load torch's compiler.

Torch wraps `add_param_group` and `step` of an optimizer for the sake of `torch.compile`. The wrappers import the whole
compiler at their first call, which takes most of a second at the start of every run. The classes here use the wrapped
methods, without the wrappers.
"""

from __future__ import annotations

from inspect import unwrap
from typing import Any

import torch
from torch import optim


def unwrapped_step(optimizer: type[optim.Optimizer]) -> Any:
    """Return the `step` of an optimizer class without the wrapper that loads torch's compiler."""
    return torch.no_grad()(unwrap(optimizer.step))


def unwrapped_add_param_group(optimizer: type[optim.Optimizer]) -> Any:
    """Return the `add_param_group` of an optimizer class without torch's wrapper."""
    return unwrap(optimizer.add_param_group)


class SGD(optim.SGD):
    """`torch.optim.SGD`."""

    add_param_group = unwrapped_add_param_group(optim.SGD)
    step = unwrapped_step(optim.SGD)


class Adam(optim.Adam):
    """`torch.optim.Adam`."""

    add_param_group = unwrapped_add_param_group(optim.Adam)
    step = unwrapped_step(optim.Adam)


class AdamW(optim.AdamW):
    """`torch.optim.AdamW`."""

    add_param_group = unwrapped_add_param_group(optim.AdamW)
    step = unwrapped_step(optim.AdamW)


class Adagrad(optim.Adagrad):
    """`torch.optim.Adagrad`."""

    add_param_group = unwrapped_add_param_group(optim.Adagrad)
    # Torch builds valid sparse tensors here, and warns unless their check is switched off explicitly.
    step = torch.sparse.check_sparse_tensor_invariants(enable=False)(unwrapped_step(optim.Adagrad))


class RMSprop(optim.RMSprop):
    """`torch.optim.RMSprop`."""

    add_param_group = unwrapped_add_param_group(optim.RMSprop)
    step = unwrapped_step(optim.RMSprop)


class Adadelta(optim.Adadelta):
    """`torch.optim.Adadelta`."""

    add_param_group = unwrapped_add_param_group(optim.Adadelta)
    step = unwrapped_step(optim.Adadelta)
