"""Torch modules of the models, usable without the rest of the zoo."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo_core.features.bag import Bag
from zoo_core.features.bag_layers import BagLinear, to_bag


class ZeroLinear(BagLinear):
    """A BagLinear with weights initialized to 0."""

    def __init__(self, num_features: int, num_outputs: int) -> None:
        super().__init__(num_features, num_outputs)
        for parameter in self.parameters():
            nn.init.zeros_(parameter)


class MeanEmbedding(nn.Module):
    """The weighted mean of the embeddings of a text's features, then a linear layer initialized to 0.

    The mean is divided by the sum of the sizes of the weights, since numbers may be below 0.

    Input: a Bag of n rows, or a tensor `(n, features)`; output `(n, outputs)`. Embeddings are initialized uniformly
    within ±1/dimensions, as in fastText. Their gradients are sparse.
    """

    def __init__(self, num_features: int, dimensions: int, num_outputs: int) -> None:
        super().__init__()
        bound = 1 / dimensions
        self.embedding = nn.Parameter(torch.empty(num_features, dimensions).uniform_(-bound, bound))
        self.top = nn.Linear(dimensions, num_outputs)
        nn.init.zeros_(self.top.weight)
        nn.init.zeros_(self.top.bias)

    def forward(self, features: Bag | Tensor) -> Tensor:
        bag = to_bag(features, self.embedding)
        values = bag.weights_or_ones().to(self.embedding.dtype)
        total = torch.segment_reduce(values.abs(), "sum", offsets=bag.offsets, unsafe=True, initial=0)
        mean = functional.embedding_bag(
            bag.ids,
            self.embedding,
            bag.offsets.to(bag.ids.dtype),
            mode="sum",
            sparse=True,
            per_sample_weights=values,
            include_last_offset=True,
        ) / total.clamp(min=1e-12).unsqueeze(1)  # (batch, dimensions)
        scores: Tensor = self.top(mean)
        return scores
