"""Torch modules of the models."""

from __future__ import annotations

from torch import Tensor, nn
from zoo_core.features.bag import Bag
from zoo_core.features.bag_layers import BagLinear


class LowRankModule(nn.Module):
    """A Bag → `(batch, rank)` → `(batch, outputs)`."""

    def __init__(self, num_features: int, rank: int, num_outputs: int, activation: nn.Module) -> None:
        super().__init__()
        self.projection = BagLinear(num_features, rank, bias=False)
        self.activation = activation
        self.output = nn.Linear(rank, num_outputs)

    def forward(self, bag: Bag) -> Tensor:
        scores: Tensor = self.output(self.activation(self.projection(bag)))
        return scores
