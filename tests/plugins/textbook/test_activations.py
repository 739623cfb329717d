"""Activations against their formulas in float64 numpy, and their declarations."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from zoo_textbook.activations import Identity, PReLU, ReLU, Sigmoid, Softmax, Tanh
from zoo_textbook.more_activations import ELU, GELU, SELU, HardTanh, LeakyReLU, LogSoftmax, Mish, SiLU, Softplus


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def normal(x):
    return np.vectorize(lambda first: (1 + math.erf(first / math.sqrt(2))) / 2)(x)


def log_softmax(x):
    shifted = x - x.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


FORMULAS = {
    LeakyReLU(): lambda x: np.maximum(x, 0) + 0.01 * np.minimum(x, 0),
    LeakyReLU(slope=0.3): lambda x: np.where(x > 0, x, 0.3 * x),
    ELU(): lambda x: np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1),
    ELU(alpha=0.5): lambda x: np.where(x > 0, x, 0.5 * (np.exp(np.minimum(x, 0)) - 1)),
    SELU(): lambda x: 1.05070098 * np.where(x > 0, x, 1.67326324 * (np.exp(np.minimum(x, 0)) - 1)),
    GELU(): lambda x: x * normal(x),
    GELU(approximate="tanh"): lambda x: x / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    SiLU(): lambda x: x / (1 + np.exp(-x)),
    Softplus(): lambda x: np.log1p(np.exp(x)),
    Softplus(beta=3.0): lambda x: np.log1p(np.exp(3 * x)) / 3,
    Mish(): lambda x: x * np.tanh(np.log1p(np.exp(x))),
    HardTanh(): lambda x: np.clip(x, -1, 1),
    LogSoftmax(): log_softmax,
    Identity(): lambda x: x,
    Sigmoid(): lambda x: 1 / (1 + np.exp(-x)),
    Tanh(): lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
    ReLU(): lambda x: np.maximum(0, x),
    PReLU(): lambda x: np.maximum(x, 0) + 0.25 * np.minimum(x, 0),
    PReLU(init=-2.0): lambda x: np.maximum(x, 0) - 2 * np.minimum(x, 0),
    Softmax(): softmax,
}
OUTPUT_FORMS = [
    (Identity(), "logits"),
    (PReLU(), "logits"),
    (Tanh(), "scores"),
    (ReLU(), "scores"),
    (Sigmoid(), "probabilities"),
    (Softmax(), "distribution"),
    (LeakyReLU(), "logits"),
    (LogSoftmax(), "logits"),
    (ELU(), "logits"),  # its lower end is a setting: a class can promise none
    *[(activation, "scores") for activation in (SELU(), GELU(), SiLU(), Softplus(), Mish(), HardTanh())],
]
ROWS = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(st.floats(-30, 30, width=32), min_size=width, max_size=width), min_size=1)
)


@pytest.mark.parametrize("activation", FORMULAS, ids=str)
@given(ROWS)
def test_formula(activation, rows):
    scores = torch.tensor(rows)
    outputs = activation.build()(scores)
    assert outputs.shape == scores.shape and outputs.dtype == scores.dtype
    expected = FORMULAS[activation](np.array(rows, dtype=np.float64))
    np.testing.assert_allclose(outputs.detach().double().numpy(), expected, rtol=2e-5, atol=1e-6)
    low, high = activation.range
    assert ((outputs >= low) & (outputs <= high)).all()
    if activation.is_probability and activation.acts == "rowwise":
        torch.testing.assert_close(outputs.sum(dim=1), torch.ones(len(rows)))


@pytest.mark.parametrize(("activation", "form"), OUTPUT_FORMS, ids=str)
def test_form(activation, form):
    assert activation.output_form() == form


@pytest.mark.parametrize("activation", FORMULAS, ids=str)
def test_extreme_scores_are_finite_and_so_are_their_gradients(activation):
    scores = torch.tensor([[1e10, -1e10, 0.0], [-1e4, 1e4, 200.0]], requires_grad=True)
    outputs = activation.build()(scores)
    assert torch.isfinite(outputs).all()
    outputs.sum().backward()
    assert torch.isfinite(scores.grad).all()


@pytest.mark.parametrize("make", [lambda: ELU(alpha=0.0), lambda: Softplus(beta=-1.0), lambda: LeakyReLU(math.inf)])
def test_rejects_invalid_settings(make):
    with pytest.raises(ValueError):
        make()


def test_cross_entropy_of_log_softmax_is_that_of_the_scores():
    scores, targets = torch.randn(5, 3), torch.tensor([0, 1, 2, 1, 0])
    loss = torch.nn.functional.cross_entropy
    torch.testing.assert_close(loss(LogSoftmax().build()(scores), targets), loss(scores, targets))


@pytest.mark.parametrize("activation", [p for p in FORMULAS if p.acts == "elementwise"], ids=str)
def test_elementwise_depends_on_one_value(activation):
    module, scores = activation.build(), torch.randn(4, 3)
    changed = scores.clone()
    changed[2, 1] = 7.0
    same = module(scores) == module(changed)
    same[2, 1] = True
    assert same.all()


def test_each_build_learns_its_own_slope():
    activation = PReLU(init=0.1)
    first, second = activation.build(), activation.build()
    first(torch.tensor([[-2.0, 3.0]])).sum().backward()
    assert first.weight.grad.tolist() == [-2.0] and second.weight.grad is None
    with pytest.raises(ValueError):
        PReLU(init=math.nan)


@pytest.mark.parametrize("activation", FORMULAS, ids=str)
def test_a_single_row_has_the_values_that_it_has_in_a_batch(activation):
    row, module = torch.tensor([-1.0, 0.5, 2.0]), activation.build()
    assert torch.equal(module(row), module(row.unsqueeze(0))[0])
