"""Hinge, focal and Huber losses against their formulas in float64 numpy, and label smoothing against torch's."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from zoo_textbook.losses import BCEWithLogits, CrossEntropy, FocalLoss, Hinge, Huber

LOSSES = {
    "hinge": (Hinge(), 3),
    "hinge of two": (Hinge(margin=0.5), 1),
    "squared hinge": (Hinge(squared=True), 3),
    "focal": (FocalLoss(), 3),
    "focal of a half": (FocalLoss(gamma=0.5), 2),
    "huber": (Huber(), 3),
    "narrow huber": (Huber(delta=0.2), 2),
}


def by_class(component, scores):
    """The loss of each row if its class were this one `(rows, classes)`, as the docstrings write it."""
    outputs = scores.shape[1]
    if isinstance(component, Hinge):
        if outputs == 1:
            class_losses = np.maximum(0, component.margin + np.concatenate([scores, -scores], axis=1))
        else:
            others = [np.delete(scores, label, axis=1).max(axis=1) for label in range(outputs)]
            class_losses = np.maximum(0, component.margin + np.stack(others, axis=1) - scores)
        return class_losses**2 if component.squared else class_losses
    if isinstance(component, FocalLoss):
        p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        return -((1 - p) ** component.gamma) * np.log(p)
    gap = np.abs(scores[:, None, :] - np.eye(outputs)[None])  # (rows, classes, outputs)
    d = component.delta
    return np.where(gap <= d, gap**2 / 2, d * (gap - d / 2)).mean(axis=2)


@given(st.sampled_from(list(LOSSES)), st.booleans(), st.integers(0, 10**6), st.integers(1, 9))
def test_equals_the_formula(name, weighted, seed, rows):
    component, outputs = LOSSES[name]
    classes = max(outputs, 2)
    random = np.random.default_rng(seed)
    scores, targets = random.normal(size=(rows, outputs)) * 2, random.integers(classes, size=rows)
    weights = random.random(classes) + 0.1 if weighted else np.ones(classes)
    class_losses = by_class(component, scores)[np.arange(rows), targets]
    expected = (class_losses * weights[targets]).sum() / weights[targets].sum()
    module = component.build(class_weights=torch.tensor(weights) if weighted else None)
    value = module(torch.tensor(scores, dtype=torch.float32), torch.tensor(targets))
    assert value.shape == () and value.dtype == torch.float32
    assert float(value) == pytest.approx(expected, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("name", [name for name in LOSSES if "huber" not in name])
def test_soft_targets_give_the_mean_over_classes(name):
    component, outputs = LOSSES[name]
    random = np.random.default_rng(3)
    scores, soft = random.normal(size=(5, outputs)), random.dirichlet(np.ones(max(outputs, 2)), size=5)
    value = component.build(class_weights=None)(torch.tensor(scores), torch.tensor(soft))
    assert float(value) == pytest.approx((by_class(component, scores) * soft).sum(axis=1).mean())


def test_focal_with_gamma_zero_is_cross_entropy_and_huge_scores_have_gradients():
    scores = torch.tensor([[300.0, -300.0], [2.0, 1.0]], requires_grad=True)
    targets = torch.tensor([0, 1])
    plain = functional.cross_entropy(scores, targets)
    torch.testing.assert_close(FocalLoss(gamma=0.0).build(class_weights=None)(scores, targets), plain)
    for gamma in (0.5, 1.0, 2.0):
        scores.grad = None
        FocalLoss(gamma=gamma).build(class_weights=None)(scores, torch.tensor([0, 1])).backward()
        assert torch.isfinite(scores.grad).all()


@pytest.mark.parametrize("classes", [3, 4, 6])
def test_hinge_learns_every_class_from_equal_scores(classes):
    scores = torch.zeros(classes, classes, requires_grad=True)
    Hinge().build()(scores, torch.arange(classes)).backward()
    assert torch.equal(scores.grad.diagonal(), torch.full((classes,), -1 / classes))
    assert torch.allclose(scores.grad.sum(dim=1), torch.zeros(classes))


def test_huber_equals_torch():
    scores, targets = torch.randn(6, 3), torch.tensor([0, 1, 2, 2, 1, 0])
    expected = functional.huber_loss(scores, functional.one_hot(targets, 3).float(), delta=0.7)
    torch.testing.assert_close(Huber(delta=0.7).build(class_weights=None)(scores, targets), expected)


@pytest.mark.parametrize("soft", [False, True])
def test_smoothed_cross_entropy_equals_torch_and_the_formula(soft):
    scores, targets = torch.randn(6, 3), torch.tensor([0, 1, 2, 2, 1, 0])
    hot = functional.one_hot(targets, 3).float()
    given_ = hot if soft else targets
    value = CrossEntropy(smoothing=0.1).build(class_weights=None)(scores, given_)
    torch.testing.assert_close(value, functional.cross_entropy(scores, given_, label_smoothing=0.1))
    mixed = hot * 0.9 + 0.1 / 3
    torch.testing.assert_close(value, -(mixed * functional.log_softmax(scores, 1)).sum(1).mean())


def test_smoothed_binary_cross_entropy_equals_smoothed_targets():
    scores, targets = torch.randn(6, 1), torch.tensor([0, 1, 1, 0, 1, 0])
    value = BCEWithLogits(smoothing=0.2).build(class_weights=None)(scores, targets)
    mixed = targets.float() * 0.8 + 0.1
    torch.testing.assert_close(value, functional.binary_cross_entropy_with_logits(scores[:, 0], mixed))


def test_cross_entropy_accepts_weights_of_another_dtype():
    weights = torch.tensor([1.0, 2.0], dtype=torch.float64)
    loss = CrossEntropy().build(class_weights=weights)(torch.randn(3, 2), torch.tensor([0, 1, 1]))
    assert loss.dtype == torch.float32


@pytest.mark.parametrize(
    "make", [lambda: Hinge(margin=0.0), lambda: FocalLoss(gamma=-1.0), lambda: CrossEntropy(smoothing=1.0)]
)
def test_rejects_invalid_settings(make):
    with pytest.raises(ValueError):
        make()
