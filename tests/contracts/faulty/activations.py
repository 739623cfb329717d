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


SOUND = [of(squash), of(biased, parts=lambda: {"a": parameter()}), of(lambda m, x: x.softmax(1), Softmax)]
FAULTS = [
    ("keeps-the-shape", "squeezes a batch of one", of(lambda m, x: torch.tanh(x).squeeze())),
    ("keeps-the-shape", "halves the width", of(lambda m, x: torch.tanh(x[:, ::2]))),
    ("finite-output-and-gradient", "log of a negative", of(lambda m, x: torch.tanh(x.log()))),
    ("finite-output-and-gradient", "detached", of(lambda m, x: torch.tanh(x).detach())),
    ("finite-output-and-gradient", "root at zero", of(lambda m, x: torch.tanh(x.abs().sqrt()))),
    ("gradient-is-correct", "half detached", of(lambda m, x: torch.tanh(x) / 2 + torch.tanh(x.detach()) / 2)),
    (
        "gradient-reaches-every-parameter",
        "its parameter is detached",
        of(lambda m, x: torch.tanh(x + m.a.detach()), parts=lambda: {"a": parameter()}),
    ),
    (
        "gradient-reaches-every-parameter",
        "its parameter is not used",
        of(squash, parts=lambda: {"a": parameter()}),
    ),
    ("batch-equals-rows", "softmax over the batch", of(lambda m, x: torch.softmax(x, 0), Softmax)),
    ("batch-equals-rows", "centered over the batch", of(lambda m, x: torch.tanh(x - x.mean(0)))),
    ("acts-as-declared", "centered over the row", of(lambda m, x: torch.tanh(x - x.mean(1, keepdim=True)))),
    ("acts-as-declared", "says rowwise", of(squash, acts="rowwise")),
    ("output-is-in-range", "leaves its range", of(lambda m, x: 2 * torch.tanh(x))),
    ("output-is-in-range", "a range of another", faulty(ReLU, range=(0.0, 1.0))),
    ("is-probability-as-declared", "rows sum to two", of(lambda m, x: 2 * torch.softmax(x, 1), Softmax)),
    ("is-probability-as-declared", "keeps quiet about it", faulty(Softmax, is_probability=False)),
    ("is-probability-as-declared", "claims too much", faulty(Tanh, is_probability=True)),
    ("does-not-modify-input", "in place", of(lambda m, x: x.tanh_())),
    ("deterministic", "random of its own", of(lambda m, x: torch.tanh(x + float(np.random.rand())))),
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
        faulty(Tanh, build=lambda self: _deaf()),
    ),
    ("converts-to-float64", "float32 for ever", of(lambda m, x: torch.tanh(x).float())),
    (
        "converts-to-float64",
        "a tensor that is not registered",
        faulty(Tanh, build=lambda self: function(lambda m, x: torch.tanh(x @ m.a[0]), a=[torch.eye(4)])),
    ),
    ("builds-on-meta-device", "looks at its own number", faulty(Sigmoid, build=lambda self: _looks())),
    ("documented", "no source", faulty(Tanh, __doc__="A part with no origin.")),
    ("documented", "says nothing", faulty(Tanh, __doc__="Part.\n\nSource: me.")),
    ("plain-contract", "a list as range", faulty(Tanh, range=[-1.0, 1.0])),
    ("valid-class", "a name in capitals", faulty(Tanh, name="Tanh")),
    ("valid-class", "waives what is no check", faulty(Tanh, expected_failures=(("no-such-check", "why"),))),
    ("valid-class", "a day that is none", faulty(Tanh, alias_expires="soon")),
    ("finite-under-bfloat16-autocast", "a NaN in low precision", of(lambda m, x: _low(x))),
    ("compiles", "another answer when compiled", of(lambda m, x: torch.tanh(x) + int(torch.compiler.is_compiling()))),
    ("exports", "another answer when exported", of(lambda m, x: torch.tanh(x) + int(torch.compiler.is_exporting()))),
]


def _deaf():
    module = function(squash)
    type(module).train = lambda self, mode=True: self
    return module


def _looks():
    module = function(biased, a=parameter())
    assert float(module.a) == 0.5
    return module


def _low(x):
    return torch.tanh(x) + (math.nan if torch.is_autocast_enabled("cpu") else 0.0)
