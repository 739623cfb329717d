"""Softsign compared with torch's function."""

import torch
from torch.nn.functional import softsign

from textzoo_sample.activations import Softsign


def test_softsign_equals_torch() -> None:
    values = torch.linspace(-5, 5, 101)
    assert torch.equal(Softsign().build()(values), softsign(values))
