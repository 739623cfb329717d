"""The forms of predictions and targets that a metric takes."""

from __future__ import annotations

import pytest
import torch

from zoo_core import Head, load_component, open_zoo
from zoo_core.errors import DataError

NAMES = [entry.name for entry in open_zoo().registry.of_kind("metric") if "single-label" in entry.cls.targets]
TARGETS = torch.tensor([1, 0, 1, 0])
LABELS = torch.tensor([1, 1, 1, 0])
POSITIVE = torch.tensor([0.9, 0.6, 0.7, 0.2])
ROWS = torch.stack([1 - POSITIVE, POSITIVE], dim=1)


def value(metric, predicted, targets=TARGETS):
    accumulator = metric.build(Head.of_classes(["no", "yes"]))
    accumulator.update(predicted, targets)
    return accumulator.compute()


@pytest.mark.parametrize("name", NAMES)
def test_every_form_of_the_same_results_has_the_same_value(name):
    metric = load_component("metric", name)
    if metric.response == "labels":
        predicted = [LABELS, LABELS.int(), LABELS.bool(), LABELS.unsqueeze(1), LABELS.float()]
    else:
        predicted = [ROWS, POSITIVE, POSITIVE.unsqueeze(1)]
    targets = [TARGETS, TARGETS.bool(), TARGETS.int(), TARGETS.float().unsqueeze(1)]
    expected = value(metric, predicted[0])
    assert [value(metric, one) for one in predicted] == pytest.approx([expected] * len(predicted))
    assert [value(metric, predicted[0], one) for one in targets] == pytest.approx([expected] * len(targets))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_expected_is_said(name):
    metric = load_component("metric", name)
    right, wrong = (LABELS, ROWS) if metric.response == "labels" else (ROWS, LABELS)
    for predicted, targets, expected in (
        (wrong, TARGETS, "predicted: got .*, expected (class indices|probabilities) .4"),
        (right, TARGETS + 1, "targets: got the class index 2, expected 0 to 1"),
        (right, torch.rand(4), "targets: got .4,. float32, expected class indices .4,. int64"),
        (right[:3], TARGETS, "predicted: got .3"),
        (right.tolist(), TARGETS, "predicted: got list, expected a tensor"),
        (right, TARGETS.numpy(), "targets: got ndarray, expected a tensor"),
    ):
        with pytest.raises(DataError, match=expected):
            value(metric, predicted, targets)
