"""The inputs of activations: scores of several widths and numbers of rows, large ones, zeros and ties."""

from __future__ import annotations

import torch
from torch import Tensor

from zoo_core.testing.input_sets import InputSet
from zoo_core.testing.inputs import make_scores

SIZES = (20.0, 50.0, 89.0, 95.0, 300.0, 1000.0)  # exp(89) is infinite in float32


def make_large_scores(width: int = 4) -> Tensor:
    """Return scores `(12, width)` of up to 1,000 in size: in each row they have one sign, or both."""
    sizes = torch.tensor(SIZES * 2).unsqueeze(1)
    signs = torch.ones(2 * len(SIZES), width)
    signs[len(SIZES) :] = -1
    signs[::2, ::2] *= -1
    return sizes * signs * torch.linspace(1, 0.95, width)


def _make_zeros() -> Tensor:
    return torch.tensor(
        [[0.0, -0.0, 0.0, -0.0], [-0.0, -0.0, -0.0, -0.0], [0.0, 0.0, 0.0, 0.0], [-0.0, 1.0, 0.0, -1.0]]
    )


ACTIVATION_INPUTS = InputSet(
    "activation",
    1,
    {
        "5 rows of width 4": make_scores,
        "1 row of width 1": lambda: make_scores(1, 1),
        "12 rows of width 1": lambda: make_scores(12, 1),
        "1 row of width 64": lambda: make_scores(1, 64),
        "256 rows of width 64": lambda: make_scores(256, 64),
        "512 rows of width 3": lambda: make_scores(512, 3),
        "scores of +0 and -0": _make_zeros,
        "rows of equal scores": lambda: make_scores(6, 1).repeat(1, 4),
        "scores up to 1,000 in size": make_large_scores,
        "large scores of width 64": lambda: make_large_scores(64),
    },
)
