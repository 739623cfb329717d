"""The contract, and one test of our own."""

import torch
from torch.nn.functional import softsign

from textzoo_sample import Softsign
from zoo_core.testing import Case, conformance


@conformance("sample")
def test_contract(case: Case) -> None:
    case.run()


def test_softsign_is_torchs() -> None:
    values = torch.linspace(-5, 5, 101)
    assert torch.equal(Softsign().build()(values), softsign(values))
