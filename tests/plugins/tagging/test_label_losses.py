"""Losses of several labels a text, beside torch's own, torchvision's formula and computations by hand."""

import math

import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy, binary_cross_entropy_with_logits

from zoo_core import load_component
from zoo_core.errors import DataError

SCORES = torch.tensor([[0.3, -1.2, 2.0], [-0.4, 0.0, 1.0], [3.0, -2.0, 0.5], [0.1, 0.2, -0.3]], dtype=torch.float64)
TARGETS = torch.tensor([[1, 0, 1], [0, 0, 0], [1, 1, 1], [0, 1, 0]]).double()
WEIGHTS = torch.tensor([2.0, 0.5, 3.0], dtype=torch.float64)


def built(name, weights=None, **settings):
    loss = load_component("loss", name, **settings)
    offered = {"positive_weights": weights} | ({"targets": "multi-label"} if name != "asymmetric" else {})
    return loss.build(**offered)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_bce_with_logits_is_that_of_torch(weights):
    expected = nn.BCEWithLogitsLoss(pos_weight=weights)(SCORES, TARGETS)
    assert torch.allclose(built("bce-with-logits", weights)(SCORES, TARGETS), expected)
    smooth = TARGETS * 0.8 + 0.1
    expected = binary_cross_entropy_with_logits(SCORES, smooth, pos_weight=weights)
    assert torch.allclose(built("bce-with-logits", weights, smoothing=0.2)(SCORES, TARGETS), expected)


def test_bce_is_that_of_torch():
    probabilities = SCORES.sigmoid()
    assert torch.allclose(built("bce")(probabilities, TARGETS), binary_cross_entropy(probabilities, TARGETS))
    expected = binary_cross_entropy_with_logits(SCORES, TARGETS, pos_weight=WEIGHTS)
    assert torch.allclose(built("bce", WEIGHTS)(probabilities, TARGETS), expected)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_focal_is_the_formula_of_the_paper(gamma):
    p = SCORES.sigmoid()
    right = torch.where(TARGETS == 1, p, 1 - p)
    expected = -((1 - right) ** gamma * right.log()).mean()
    assert torch.allclose(built("focal", gamma=gamma)(SCORES, TARGETS), expected)


@pytest.mark.parametrize(
    ("positive", "negative", "margin"), [(0, 4, 0.05), (1, 2, 0.2), (0, 0, 0), (0, 2, 0), (0, 0, 0.1)]
)
def test_asymmetric_is_the_formula_of_the_paper(positive, negative, margin):
    total = 0.0
    for row, targets in zip(SCORES.tolist(), TARGETS.tolist(), strict=True):
        for score, target in zip(row, targets, strict=True):
            p = 1 / (1 + math.exp(-score))
            q = max(p - margin, 0)
            total += -((1 - p) ** positive) * math.log(p) if target else -(q**negative) * math.log(1 - q)
    settings = {"gamma_positive": float(positive), "gamma_negative": float(negative), "margin": float(margin)}
    assert float(built("asymmetric", **settings)(SCORES, TARGETS)) == pytest.approx(total / 12)


def test_asymmetric_without_focus_and_margin_is_binary_cross_entropy():
    plain = built("asymmetric", WEIGHTS, gamma_negative=0.0, margin=0.0)
    expected = binary_cross_entropy_with_logits(SCORES, TARGETS, pos_weight=WEIGHTS)
    assert torch.allclose(plain(SCORES, TARGETS), expected)


@pytest.mark.parametrize("name", ["bce-with-logits", "bce", "focal", "asymmetric"])
def test_targets_of_any_type_and_what_is_expected(name):
    module, scores = built(name), SCORES.sigmoid()
    values = [float(module(scores, targets)) for targets in (TARGETS, TARGETS.bool(), TARGETS.int())]
    assert values == pytest.approx([values[0]] * 3)
    for targets, message in (
        (TARGETS[:, 0], r"targets: got \(4,\) float64, expected 0 or 1 for each label \(4, 3\)"),
        (TARGETS + 1, "targets: got 2, expected probabilities from 0 to 1"),
    ):
        with pytest.raises(DataError, match=message):
            module(scores, targets)


SETTINGS = [
    ("bce-with-logits", {}),
    ("focal", {"gamma": 0.5}),
    ("focal", {"gamma": 2.0}),
    ("asymmetric", {}),
    ("asymmetric", {"gamma_positive": 0.5, "gamma_negative": 0.5, "margin": 0.0}),
    ("asymmetric", {"gamma_positive": 1.0, "gamma_negative": 0.5, "margin": 0.2}),
]


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
@pytest.mark.parametrize("target", [0.0, 0.3, 1.0])
def test_gradients_of_extreme_scores_are_those_of_float64(name, settings, target):
    """A power below 1 has an infinite derivative at 0, and a sigmoid is 0 or 1 in float32 long before it is one."""
    values = torch.tensor([[-500.0, -90.0, -20.0, -3.0, -1e-3, 0.0, 2.0, 15.0, 40.0, 500.0]])
    found = []
    for dtype in (torch.float32, torch.float64):
        scores = values.to(dtype).requires_grad_()
        loss = built(name, **settings)(scores, torch.full_like(scores, target))
        found.append((loss.detach(), *torch.autograd.grad(loss, scores)))
    for single, double in zip(*found, strict=True):
        assert torch.isfinite(single).all()
        torch.testing.assert_close(single.double(), double, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_a_target_between_0_and_1_mixes_both(name, settings, weights):
    module = built(name, weights, **settings)
    none, every, some = (float(module(SCORES, torch.full_like(SCORES, target))) for target in (0.0, 1.0, 0.3))
    assert some == pytest.approx(0.7 * none + 0.3 * every)


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_positive_weights_multiply_the_loss_of_the_labels_that_rows_have(name, settings):
    plain, weighted = built(name, **settings), built(name, WEIGHTS, **settings)
    for label in range(3):
        alone = torch.zeros_like(TARGETS)
        alone[:, label] = 1
        nothing = float(plain(SCORES, torch.zeros_like(TARGETS)))
        without = nothing - float(plain(SCORES[:, label : label + 1], torch.zeros(4, 1))) / 3
        having = float(plain(SCORES[:, label : label + 1], torch.ones(4, 1))) / 3
        assert float(weighted(SCORES, alone)) == pytest.approx(without + float(WEIGHTS[label]) * having)
