"""Torch's optimizers, without loading torch's compiler.

Torch wraps two of an optimizer's methods for the sake of `torch.compile`, and the wrappers import the whole compiler
the first time they are called: most of a second at the start of every run. Here the methods are called that they wrap.
"""

from __future__ import annotations

from inspect import unwrap

import torch
from torch import optim


class SGD(optim.SGD):
    """`torch.optim.SGD`."""

    add_param_group = unwrap(optim.SGD.add_param_group)
    step = torch.no_grad()(unwrap(optim.SGD.step))


class Adam(optim.Adam):
    """`torch.optim.Adam`."""

    add_param_group = unwrap(optim.Adam.add_param_group)
    step = torch.no_grad()(unwrap(optim.Adam.step))
