"""Models for many sparse features. Their torch modules are in `modules`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Model, setting
from zoo_core.components.validators import at_least_one

if TYPE_CHECKING:
    from torch import nn


@frozen
class Linear(Model):
    """W·x + b with weights initialized to 0, for many features of which most are rare.

    A feature that does not appear in the training split then has no effect, which a random weight would have.

    Source: Wang & Manning 2012, "Baselines and Bigrams"; Rao & McMahan, section 3.1 (the perceptron)."""

    name = "linear"
    accepts = ("bag", "dense")

    def build(self, *, num_features: int, num_outputs: int) -> nn.Module:
        from zoo_ngrams.modules import ZeroLinear

        return ZeroLinear(num_features, num_outputs)


@frozen
class EmbeddingBag(Model):
    """W·mean(E[features]) + b: mean embedding and a linear layer, as in fastText.

    Source: Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification"."""

    name = "embedding-bag"
    accepts = ("bag",)
    sparse_gradients = True
    dimensions: int = setting(10, "dimensions of an embedding", at_least_one)

    def build(self, *, num_features: int, num_outputs: int) -> nn.Module:
        from zoo_ngrams.modules import MeanEmbedding

        return MeanEmbedding(num_features, self.dimensions, num_outputs)
