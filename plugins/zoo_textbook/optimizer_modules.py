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


class AdamW(optim.AdamW):
    """`torch.optim.AdamW`."""

    add_param_group = unwrap(optim.AdamW.add_param_group)
    step = torch.no_grad()(unwrap(optim.AdamW.step))


class Adagrad(optim.Adagrad):
    """`torch.optim.Adagrad`."""

    add_param_group = unwrap(optim.Adagrad.add_param_group)
    # Torch makes sparse tensors of sound parts here, and warns of it unless told that it need not look at them again.
    step = torch.sparse.check_sparse_tensor_invariants(enable=False)(torch.no_grad()(unwrap(optim.Adagrad.step)))


class RMSprop(optim.RMSprop):
    """`torch.optim.RMSprop`."""

    add_param_group = unwrap(optim.RMSprop.add_param_group)
    step = torch.no_grad()(unwrap(optim.RMSprop.step))


class Adadelta(optim.Adadelta):
    """`torch.optim.Adadelta`."""

    add_param_group = unwrap(optim.Adadelta.add_param_group)
    step = torch.no_grad()(unwrap(optim.Adadelta.step))
