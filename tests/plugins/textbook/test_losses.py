"""The textbook's losses against torch.nn.functional and against their formulas in float64 numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from zoo_textbook.losses import BCE, MSE, BCEWithLogits, CrossEntropy

LOSSES = {"mse": (MSE(), 3), "cross-entropy": (CrossEntropy(), 3), "bce": (BCE(), 1), "logits": (BCEWithLogits(), 1)}
WEIGHTS = {1: [0.5, 2.0], 3: [0.5, 2.0, 1.25]}


def example(name, *, soft, seed=0, rows=6):
    """Scores, and targets of one of the two forms."""
    random = np.random.default_rng(seed)
    outputs = LOSSES[name][1]
    classes = max(outputs, 2)
    scores = random.normal(size=(rows, outputs))
    scores = 1 / (1 + np.exp(-scores)) if name == "bce" else scores
    hard = random.integers(classes, size=rows)
    return scores, random.dirichlet(np.ones(classes), size=rows) if soft else hard


def formula(name, scores, targets, weights):
    """The loss in float64, row by row, as the textbook and torch's documentation write it."""
    classes = max(scores.shape[1], 2)
    hot = targets if targets.ndim == 2 else np.eye(classes)[targets]
    if name == "mse":
        row_losses = ((scores - hot) ** 2).mean(axis=1)
    elif name == "cross-entropy":
        logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        row_losses = -(hot * logs * (1 if weights is None else np.array(weights))).sum(axis=1)
    else:
        p = scores[:, 0] if name == "bce" else 1 / (1 + np.exp(-scores[:, 0]))
        row_losses = -hot[:, 1] * np.log(p) - hot[:, 0] * np.log(1 - p)
    if weights is None:
        return row_losses.mean()
    of_rows = hot @ np.array(weights)
    if name == "cross-entropy":  # torch weighs each class's term; its mean is over weights for hard targets alone
        return row_losses.sum() / of_rows.sum() if targets.ndim == 1 else row_losses.mean()
    return (row_losses * of_rows).sum() / of_rows.sum()


def build(name, weights=None):
    return LOSSES[name][0].build(class_weights=None if weights is None else torch.tensor(weights))


@given(st.sampled_from(list(LOSSES)), st.booleans(), st.booleans(), st.integers(0, 10**6), st.integers(1, 9))
def test_equals_the_formula(name, soft, weighted, seed, rows):
    scores, targets = example(name, soft=soft, seed=seed, rows=rows)
    weights = WEIGHTS[scores.shape[1]] if weighted else None
    value = build(name, weights)(torch.tensor(scores, dtype=torch.float32), torch.tensor(targets))
    assert value.shape == () and value.dtype == torch.float32
    assert float(value) == pytest.approx(formula(name, scores, targets, weights), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_cross_entropy_equals_torch(soft, weighted):
    scores, targets = map(torch.tensor, example("cross-entropy", soft=soft))
    weights = torch.tensor(WEIGHTS[3], dtype=torch.float64) if weighted else None
    value = CrossEntropy().build(class_weights=weights)(scores, targets)
    torch.testing.assert_close(value, functional.cross_entropy(scores, targets, weight=weights), rtol=0, atol=0)


@pytest.mark.parametrize(
    ("name", "torch_loss"),
    [("bce", functional.binary_cross_entropy), ("logits", functional.binary_cross_entropy_with_logits)],
)
@pytest.mark.parametrize("soft", [False, True])
def test_binary_losses_equal_torch(name, torch_loss, soft):
    scores, targets = map(torch.tensor, example(name, soft=soft))
    positive = targets[:, 1] if soft else targets.double()
    torch.testing.assert_close(build(name)(scores, targets), torch_loss(scores[:, 0], positive), rtol=0, atol=0)
    weights = torch.tensor(WEIGHTS[1])
    rows = weights[0] * (1 - positive) + weights[1] * positive
    expected = torch_loss(scores[:, 0], positive, weight=rows, reduction="sum") / rows.sum()
    torch.testing.assert_close(build(name, WEIGHTS[1])(scores, targets), expected)


def test_mse_equals_torch():
    scores, targets = map(torch.tensor, example("mse", soft=False))
    hot = functional.one_hot(targets, 3).double()
    torch.testing.assert_close(build("mse")(scores, targets), nn.MSELoss()(scores, hot))


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("weighted", [False, True])
def test_one_hot_targets_equal_class_indices(name, weighted):
    scores, hard = example(name, soft=False)
    loss = build(name, WEIGHTS[scores.shape[1]] if weighted else None)
    hot = np.eye(max(scores.shape[1], 2))[hard]
    one, two = (float(loss(torch.tensor(scores).float(), torch.tensor(targets))) for targets in (hard, hot))
    if (name, weighted) == ("cross-entropy", True):  # as in torch, whose mean over soft targets is over rows
        two *= len(hard) / np.array(WEIGHTS[3])[hard].sum()
    assert one == pytest.approx(two, rel=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_equal_class_weights_change_nothing(name):
    scores, targets = map(torch.tensor, example(name, soft=False))
    weights = [3.0] * max(LOSSES[name][1], 2)
    torch.testing.assert_close(build(name, weights)(scores.float(), targets), build(name)(scores.float(), targets))


@pytest.mark.parametrize("name", LOSSES)
def test_gradient_equals_the_formula(name):
    scores, targets = example(name, soft=False, rows=3)
    weights, step = WEIGHTS[scores.shape[1]], 1e-6
    at = torch.tensor(scores, requires_grad=True)
    LOSSES[name][0].build(class_weights=torch.tensor(weights).double())(at, torch.tensor(targets)).backward()
    for i in np.ndindex(scores.shape):
        ends = [scores.copy(), scores.copy()]
        ends[0][i] -= step
        ends[1][i] += step
        low, high = (formula(name, end, targets, weights) for end in ends)
        assert float(at.grad[i]) == pytest.approx((high - low) / (2 * step), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("name", ["cross-entropy", "logits"])
@pytest.mark.parametrize("size", [100.0, 1e4, 1e30])
@pytest.mark.parametrize("weighted", [False, True])
def test_extreme_logits_are_finite(name, size, weighted):
    outputs = LOSSES[name][1]
    scores = torch.tensor([[size, -size, 0.0][:outputs], [-size, size, 0.0][:outputs]], requires_grad=True)
    loss = build(name, WEIGHTS[outputs] if weighted else None)
    for targets in ([0, 0], [1, 1], [0, 1]):
        value = loss(scores, torch.tensor(targets))
        assert torch.isfinite(value)
        (gradient,) = torch.autograd.grad(value, scores)
        assert torch.isfinite(gradient).all()
    assert float(loss(scores.detach(), torch.tensor([0, 1] if outputs == 3 else [1, 0]))) < 1e-6


def test_certain_and_wrong_probabilities_are_finite():
    scores = torch.tensor([[0.0], [1.0]], requires_grad=True)
    for targets in ([0, 1], [1, 0]):
        value = build("bce", WEIGHTS[1])(scores, torch.tensor(targets))
        value.backward()
        assert torch.isfinite(value) and torch.isfinite(scores.grad).all()


@pytest.mark.parametrize("name", LOSSES)
def test_has_outputs_and_no_state(name):
    part, outputs = LOSSES[name]
    assert part.outputs(max(outputs, 2)) == outputs
    module = build(name, WEIGHTS[outputs])
    assert module.state_dict() == {} and list(module.parameters()) == []
