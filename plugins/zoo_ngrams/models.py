"""Models for many sparse features. Their modules are in `modules`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Model, setting
from zoo_core.components.validators import at_least_one

if TYPE_CHECKING:
    from torch import nn


@frozen
class Linear(Model):
    """W·x + b, with weights that begin at 0: for features so many that most are rare.

    A feature the training split says nothing of then says nothing of a text, where a random weight would.

    Source: Wang & Manning 2012, "Baselines and Bigrams"; Rao & McMahan, section 3.1 (the perceptron)."""

    name = "linear"
    accepts = ("bag", "dense")

    def build(self, *, num_features: int, num_outputs: int) -> nn.Module:
        from zoo_ngrams.modules import ZeroLinear

        return ZeroLinear(num_features, num_outputs)


@frozen
class EmbeddingBag(Model):
    """W·mean(E[features]) + b: the mean of the features' vectors, and a linear layer; fastText's architecture.

    Source: Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification"."""

    name = "embedding-bag"
    accepts = ("bag",)
    sparse_gradients = True
    dimensions: int = setting(10, "length of a feature's vector", at_least_one)

    def build(self, *, num_features: int, num_outputs: int) -> nn.Module:
        from zoo_ngrams.modules import MeanEmbedding

        return MeanEmbedding(num_features, self.dimensions, num_outputs)
