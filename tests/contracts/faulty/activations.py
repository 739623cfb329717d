"""Faulty activations."""

from __future__ import annotations

import math

import numpy as np
import torch

from tests.contracts.faulty import faulty, function, parameter
from zoo_textbook.activations import ReLU, Sigmoid, Softmax, Tanh


def of(call, base=Tanh, parts=dict, **members):
    return faulty(base, build=lambda self: function(call, **parts()), **members)


def squash(module, x):
    return torch.tanh(x)


def biased(module, x):
    return torch.tanh(x + module.a)


def made_late(module, x):
    if not hasattr(module, "a"):
        module.a = torch.nn.Parameter(torch.tensor(0.5, dtype=x.dtype))
    return torch.tanh(x + module.a)


NO_RANGE = (-math.inf, math.inf)
SOUND = [of(squash), of(biased, parts=lambda: {"a": parameter()}), of(lambda m, x: x.softmax(1), Softmax)]
FAULTS = [
    ("keeps-the-shape", "squeezes a batch of one row", of(lambda m, x: torch.tanh(x).squeeze())),
    ("keeps-the-shape", "halves the width", of(lambda m, x: torch.tanh(x[:, ::2]))),
    ("finite-output-and-gradient", "log of a negative", of(lambda m, x: torch.tanh(x.log()))),
    ("finite-output-and-gradient", "detached", of(lambda m, x: torch.tanh(x).detach())),
    ("finite-output-and-gradient", "an infinite gradient at 0", of(lambda m, x: torch.tanh(x.abs().sqrt()))),
    ("gradient-is-correct", "half detached", of(lambda m, x: torch.tanh(x) / 2 + torch.tanh(x.detach()) / 2)),
    ("state-round-trip", "a parameter of the first call", of(made_late)),
    ("gradient-is-correct", "no gradient at 0", of(lambda m, x: x.sign() * torch.log1p(x.abs()), range=NO_RANGE)),
    (
        "gradient-reaches-every-parameter",
        "a detached parameter",
        of(lambda m, x: torch.tanh(x + m.a.detach()), parts=lambda: {"a": parameter()}),
    ),
    (
        "gradient-reaches-every-parameter",
        "an unused parameter",
        of(squash, parts=lambda: {"a": parameter()}),
    ),
    ("batch-equals-rows", "softmax over the batch", of(lambda m, x: torch.softmax(x, 0), Softmax)),
    ("batch-equals-rows", "centered over the batch", of(lambda m, x: torch.tanh(x - x.mean(0)))),
    ("acts-as-declared", "centered over the row", of(lambda m, x: torch.tanh(x - x.mean(1, keepdim=True)))),
    ("acts-as-declared", "declares rowwise", of(squash, acts="rowwise")),
    ("output-is-in-range", "leaves its range", of(lambda m, x: 2 * torch.tanh(x))),
    ("output-is-in-range", "the range of another activation", faulty(ReLU, range=(0.0, 1.0))),
    ("is-probability-as-declared", "rows sum to two", of(lambda m, x: 2 * torch.softmax(x, 1), Softmax)),
    ("is-probability-as-declared", "does not declare it", faulty(Softmax, is_probability=False)),
    ("is-probability-as-declared", "declares more than it does", faulty(Tanh, is_probability=True)),
    ("does-not-modify-input", "modifies its input", of(lambda m, x: x.tanh_())),
    ("deterministic", "random without the seed", of(lambda m, x: torch.tanh(x + float(np.random.rand())))),
    (
        "state-round-trip",
        "a parameter outside its state",
        faulty(Tanh, build=lambda self: function(lambda m, x: torch.tanh(x + m.a[0]), a=[torch.randn(())])),
    ),
    (
        "evaluation-mode-is-repeatable",
        "dropout in evaluation",
        of(lambda m, x: torch.tanh(torch.dropout(x, 0.5, True))),
    ),
    (
        "train-and-eval-reach-submodules",
        "train() overridden",
        faulty(Tanh, build=lambda self: _ignores_train()),
    ),
    ("converts-to-float64", "always float32", of(lambda m, x: torch.tanh(x).float())),
    (
        "converts-to-float64",
        "a tensor that is not registered",
        faulty(Tanh, build=lambda self: function(lambda m, x: torch.tanh(x @ m.a[0]), a=[torch.eye(4)])),
    ),
    ("builds-on-meta-device", "reads its own parameter", faulty(Sigmoid, build=lambda self: _reads_parameter())),
    ("documented", "no source", faulty(Tanh, __doc__="A component without a source.")),
    ("documented", "a first line that is too short", faulty(Tanh, __doc__="Short.\n\nSource: me.")),
    ("plain-contract", "a list as range", faulty(Tanh, range=[-1.0, 1.0])),
    ("valid-class", "a name with capitals", faulty(Tanh, name="Tanh")),
    (
        "valid-class",
        "declares the failure of an unknown check",
        faulty(Tanh, expected_failures=(("no-such-check", "why"),)),
    ),
    ("valid-class", "an invalid date", faulty(Tanh, alias_expires="soon")),
    ("finite-under-bfloat16-autocast", "a NaN in low precision", of(lambda m, x: _nan_in_autocast(x))),
    ("compiles", "another output when compiled", of(lambda m, x: torch.tanh(x) + int(torch.compiler.is_compiling()))),
    ("exports", "another output when exported", of(lambda m, x: torch.tanh(x) + int(torch.compiler.is_exporting()))),
]


def _ignores_train():
    module = function(squash)
    type(module).train = lambda self, mode=True: self
    return module


def _reads_parameter():
    module = function(biased, a=parameter())
    assert float(module.a) == 0.5
    return module


def _nan_in_autocast(x):
    return torch.tanh(x) + (math.nan if torch.is_autocast_enabled("cpu") else 0.0)
