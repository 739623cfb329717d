"""The low-rank model compared with two matrix products."""

import torch
from zoo_core.features.bag import Bag

from textzoo_sample.modules.models import LowRankModule


def test_low_rank_equals_two_matrix_products() -> None:
    module = LowRankModule(4, 2, 3, torch.nn.Identity())
    bag = Bag(torch.tensor([0, 2, 3], dtype=torch.int32), torch.tensor([0, 2, 3]), None, 4)
    dense = torch.tensor([[1.0, 0, 1, 0], [0, 0, 0, 1]])
    torch.testing.assert_close(module(bag), module.output(dense @ module.projection.weight))
