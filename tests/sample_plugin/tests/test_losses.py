"""The squared hinge loss compared with values computed by hand."""

import torch

from textzoo_sample.losses import SquaredHinge


def test_squared_hinge_equals_values_by_hand() -> None:
    loss = SquaredHinge().build(class_weights=None)
    scores, targets = torch.tensor([[0.5], [-2.0], [3.0], [1.0]]), torch.tensor([1, 0, 0, 1])
    assert loss(scores, targets).item() == (0.5**2 + 0 + 4**2 + 0) / 4
