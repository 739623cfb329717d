"""The textbook's activations against their formulas in float64 numpy, and what each says of itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from zoo_textbook.activations import Identity, PReLU, ReLU, Sigmoid, Softmax, Tanh


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


FORMULAS = {
    Identity(): lambda x: x,
    Sigmoid(): lambda x: 1 / (1 + np.exp(-x)),
    Tanh(): lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
    ReLU(): lambda x: np.maximum(0, x),
    PReLU(): lambda x: np.maximum(x, 0) + 0.25 * np.minimum(x, 0),
    PReLU(init=-2.0): lambda x: np.maximum(x, 0) - 2 * np.minimum(x, 0),
    Softmax(): softmax,
}
FORMS = [
    (Identity(), "logits"),
    (PReLU(), "logits"),
    (Tanh(), "scores"),
    (ReLU(), "scores"),
    (Sigmoid(), "probabilities"),
    (Softmax(), "distribution"),
]
ROWS = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(st.floats(-30, 30, width=32), min_size=width, max_size=width), min_size=1)
)


@pytest.mark.parametrize("part", FORMULAS, ids=str)
@given(ROWS)
def test_formula(part, rows):
    scores = torch.tensor(rows)
    found = part.build()(scores)
    assert found.shape == scores.shape and found.dtype == scores.dtype
    expected = FORMULAS[part](np.array(rows, dtype=np.float64))
    np.testing.assert_allclose(found.detach().double().numpy(), expected, rtol=2e-5, atol=1e-6)
    low, high = part.range
    assert ((found >= low) & (found <= high)).all()
    if part.probability and part.acts == "rowwise":
        torch.testing.assert_close(found.sum(dim=1), torch.ones(len(rows)))


@pytest.mark.parametrize(("part", "form"), FORMS, ids=str)
def test_form(part, form):
    assert part.form() == form


@pytest.mark.parametrize("part", FORMULAS, ids=str)
def test_extreme_scores_are_finite(part):
    found = part.build()(torch.tensor([[1e30, -1e30, 0.0], [-1e4, 1e4, 200.0]]))
    assert torch.isfinite(found).all()


@pytest.mark.parametrize("part", [p for p in FORMULAS if p.acts == "elementwise"], ids=str)
def test_elementwise_looks_at_nothing_else(part):
    module, scores = part.build(), torch.randn(4, 3)
    changed = scores.clone()
    changed[2, 1] = 7.0
    same = module(scores) == module(changed)
    same[2, 1] = True
    assert same.all()


def test_the_slope_is_learned_and_each_build_has_its_own():
    part = PReLU(init=0.1)
    one, two = part.build(), part.build()
    one(torch.tensor([[-2.0, 3.0]])).sum().backward()
    assert one.weight.grad.tolist() == [-2.0] and two.weight.grad is None
    with pytest.raises(ValueError):
        PReLU(init=math.nan)
