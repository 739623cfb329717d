"""The forms of targets that a loss takes: equal values for equal meanings, and words for the others."""

from __future__ import annotations

import pytest
import torch

from zoo_core import load_component, open_zoo
from zoo_core.errors import DataError

NAMES = [entry.name for entry in open_zoo().registry.of_kind("loss") if "single-label" in entry.cls.targets]
INDICES = torch.tensor([1, 0, 1, 1])
ONE_HOT = torch.nn.functional.one_hot(INDICES, 2)
FORMS = {
    "indices": INDICES,
    "int32": INDICES.int(),
    "bool": INDICES.bool(),
    "column": INDICES.unsqueeze(1),
    "one-hot": ONE_HOT,
    "one-hot float": ONE_HOT.float(),
}
SINGLE = {"float": INDICES.float(), "float column": INDICES.float().unsqueeze(1)}


def losses(name, scores, forms):
    module = load_component("loss", name).build()
    return [float(module(scores, targets)) for targets in forms.values()]


@pytest.mark.parametrize("name", NAMES)
def test_every_form_of_the_same_targets_has_the_same_loss(name):
    loss = load_component("loss", name)
    is_single = loss.outputs(2) == 1
    scores = torch.tensor([[0.2, 0.8], [0.6, 0.4], [0.3, 0.7], [0.9, 0.1]])[:, 1:] if is_single else ONE_HOT * 0.6 + 0.2
    values = losses(name, scores, {**FORMS, **SINGLE} if is_single else FORMS)
    assert values == pytest.approx([values[0]] * len(values), rel=1e-5)
    if is_single:
        assert losses(name, scores.squeeze(1), FORMS) == pytest.approx(values[: len(FORMS)])


def test_bce_and_mse_are_those_of_torch():
    scores, targets = torch.rand(5, 1), torch.rand(5, 1)
    for name, torch_loss in (("bce", torch.nn.BCELoss()), ("mse", torch.nn.MSELoss()), ("huber", torch.nn.HuberLoss())):
        expected = float(torch_loss(scores, targets))
        assert losses(name, scores, {"column": targets, "row": targets.squeeze(1)}) == pytest.approx([expected] * 2)
    rows = torch.rand(3, 5)
    assert losses("mse", rows, {"rows": rows + 1}) == pytest.approx([1.0])


@pytest.mark.parametrize(
    ("name", "scores", "targets", "expected"),
    [
        ("bce", torch.rand(3, 2), INDICES, r"scores: got \(3, 2\) float32, expected \(batch, 1\) float"),
        ("bce", torch.rand(4, 1), torch.rand(3), r"targets: got \(3,\) float32, expected class indices \(4,\) int64"),
        ("bce", torch.rand(4, 1), INDICES * 2, "got the class index 2, expected 0 to 1"),
        ("cross-entropy", torch.rand(4), INDICES, r"expected \(batch, classes\)"),
        ("cross-entropy", torch.rand(4, 3), torch.rand(4), r"or one-hot rows or probabilities \(4, 3\)$"),
        ("cross-entropy", torch.rand(4, 3), INDICES - 1, "got the class index -1, expected 0 to 2"),
        ("focal", torch.ones(4, 3, dtype=torch.int64), INDICES, "expected .* float"),
        ("mse", torch.rand(4, 1), torch.rand(4, 2), r"expected numbers \(4,\) or \(4, 1\) float"),
    ],
)
def test_what_is_expected_is_said(name, scores, targets, expected):
    with pytest.raises(DataError, match=expected):
        load_component("loss", name).build()(scores, targets)


ONES = torch.ones(4)
WRONG_VALUES = {
    "a list": (ONES, [1, 0, 1, 1], r"targets: got list, expected a tensor .hint: torch.as_tensor\(targets\)"),
    "an array": (ONES, INDICES.numpy(), "targets: got ndarray, expected a tensor"),
    "list of scores": ([0.1, 0.2], INDICES, "scores: got list, expected a tensor"),
    "other device": (
        ONES,
        ONES.to("meta"),
        r"targets: got a tensor on meta, expected cpu .* targets.to\(scores.device\)",
    ),
    "plus and minus 1": (ONES, torch.tensor([1.0, -1, 1, 1]), "targets: got -1, expected probabilities from 0 to 1"),
    "NaN": (ONES, ONES * torch.nan, "targets: got nan"),
    "rows": (ONES, ONE_HOT * 5, "targets: got 5, expected probabilities"),
    "logits": (ONES * 2.5, INDICES, "scores: got 2.5, expected probabilities .* or use bce-with-logits"),
}


@pytest.mark.parametrize("case", WRONG_VALUES)
def test_values_that_are_no_probabilities_or_tensors_are_named(case):
    scores, targets, expected = WRONG_VALUES[case]
    with pytest.raises(DataError, match=expected):
        load_component("loss", "bce").build()(scores, targets)


def test_rows_of_any_numbers_are_targets_of_losses_of_numbers():
    assert losses("mse", torch.zeros(4, 2), {"rows": torch.full((4, 2), -3.0)}) == [9.0]
