"""Curves of all registered activations and losses, compared with finite differences and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from attrs import frozen
from torch import nn

from zoo_core.components.contracts import Activation, Loss
from zoo_core.config.zoo import open_zoo
from zoo_core.errors import NumericalError, PluginError
from zoo_core.evaluation.component_curves import NUM_POINTS, activation_curve, loss_curve

REGISTRY = open_zoo().registry
ACTIVATIONS = [entry.cls for entry in REGISTRY.of_kind("activation")]
LOSSES = [entry.cls for entry in REGISTRY.of_kind("loss")]


def named(kind, name):
    return REGISTRY.get(kind, name).cls


@pytest.mark.parametrize("cls", ACTIVATIONS, ids=lambda cls: cls.name)
def test_the_derivative_is_the_finite_difference(cls):
    curve = activation_curve(REGISTRY, cls())
    x, y, slope = np.array(curve.x), np.array(curve.y), np.array(curve.slope)
    assert (len(x), x[0], x[NUM_POINTS // 2], x[-1]) == (NUM_POINTS, -5, 0, 5)
    between = np.diff(y) / np.diff(x)
    middle = (slope[1:] + slope[:-1]) / 2
    smooth = np.abs(np.diff(slope)) < 0.2  # elsewhere it jumps, and the difference is neither side's
    assert smooth.mean() > 0.9
    assert between[smooth] == pytest.approx(middle[smooth], abs=5e-3)
    assert curve.of == ("" if cls.acts == "elementwise" else "first output for the row (x, 0)")


FORMULAS = {
    "sigmoid": lambda x: (1 / (1 + math.exp(-x)), math.exp(-x) / (1 + math.exp(-x)) ** 2),
    "softmax": lambda x: (1 / (1 + math.exp(-x)), math.exp(-x) / (1 + math.exp(-x)) ** 2),  # of (x, 0)
    "tanh": lambda x: (math.tanh(x), 1 - math.tanh(x) ** 2),
    "relu": lambda x: (max(x, 0), float(x > 0)),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_activations_of_the_textbook(name):
    curve = activation_curve(REGISTRY, named("activation", name)())
    expected = [FORMULAS[name](x) for x in curve.x]
    assert curve.y == pytest.approx([y for y, _ in expected], abs=1e-12)
    assert curve.slope == pytest.approx([slope for _, slope in expected], abs=1e-12)


def test_uses_the_settings_of_the_component():
    curve = activation_curve(REGISTRY, named("activation", "prelu")(init=0.5), "prelu init=0.5")
    assert (curve.name, curve.y[0], curve.slope[0]) == ("prelu init=0.5", -2.5, 0.5)


@pytest.mark.parametrize("cls", LOSSES, ids=lambda cls: cls.name)
def test_a_loss_has_a_finite_line_for_each_target_and_the_right_one_ends_lower(cls):
    curve = loss_curve(REGISTRY, cls())
    wrong, right = curve.values
    assert len(curve.x) == len(wrong) == len(right) == NUM_POINTS
    assert right[-1] < right[0]
    assert wrong[-1] > right[-1]
    assert loss_curve(REGISTRY, cls()) == curve  # the same every time


def softplus(x):
    return math.log1p(math.exp(x))


VALUES = {
    "bce": (lambda p: -math.log(1 - p), lambda p: -math.log(p)),
    "bce-with-logits": (softplus, lambda x: softplus(-x)),
    "cross-entropy": (lambda x: math.log(2 + math.exp(x)), lambda x: math.log(2 + math.exp(x)) - x),
    "mse": (lambda x: (1 + x * x) / 3, lambda x: (1 - x) ** 2 / 3),
}


@pytest.mark.parametrize("name", VALUES)
def test_losses_of_the_textbook(name):
    curve = loss_curve(REGISTRY, named("loss", name)())
    for values, formula in zip(curve.values, VALUES[name], strict=True):
        assert values == pytest.approx([formula(x) for x in curve.x], abs=1e-9)
    assert curve.targets == (
        ("target: class 0", "target: class 1")
        if name.startswith("bce")
        else ("target: another class", "target: this class")
    )
    assert curve.axis.startswith("probability p" if name == "bce" else "score x")


class Pointwise(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


@frozen
class Odd(Activation):
    """An activation made for a test."""

    name = "relu"
    acts = "elementwise"
    function: object = None

    def build(self):
        return Pointwise(self.function)


ODD = [
    (lambda x: x.log(), NumericalError, "not finite everywhere"),
    (lambda x: x.sum(), PluginError, "did not keep the shape"),
    (lambda x: [x], PluginError, "did not keep the shape"),
]


@pytest.mark.parametrize(("function", "error", "message"), ODD)
def test_rejects_an_activation_without_a_curve(monkeypatch, function, error, message):
    monkeypatch.setattr(type(REGISTRY), "entry_for", lambda self, cls: self.get("activation", "relu"))
    with pytest.raises(error, match=message):
        activation_curve(REGISTRY, Odd(function))


def test_a_step_has_no_slope():
    curve = activation_curve(REGISTRY, Odd(lambda x: (x.detach() > 0).double()))
    assert set(curve.y) == {0.0, 1.0}
    assert set(curve.slope) == {0.0}


@frozen
class NoScalar(Loss):
    """A loss made for a test."""

    name = "bce"
    expects = "logits"
    link = "softmax"

    def build(self, *, class_weights):
        return Pointwise(lambda scores, targets: scores)


def test_rejects_a_loss_that_is_not_a_scalar(monkeypatch):
    monkeypatch.setattr(type(REGISTRY), "entry_for", lambda self, cls: self.get("loss", "bce"))
    with pytest.raises(PluginError, match="its loss is not a scalar"):
        loss_curve(REGISTRY, NoScalar())


def test_curves_do_not_change_the_random_state():
    before = torch.random.get_rng_state()
    assert ACTIVATIONS
    for cls in ACTIVATIONS:
        activation_curve(REGISTRY, cls())
    assert torch.equal(before, torch.random.get_rng_state())
