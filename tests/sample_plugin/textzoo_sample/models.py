"""Models. The classes import torch only when they build a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen
from zoo_core import Activation, Model, setting, slot
from zoo_core.components.validators import at_least_one

if TYPE_CHECKING:
    from torch import nn


@frozen
class LowRank(Model):
    """W₂·f(W₁·x): a linear model of low rank, with an activation f.

    Source: Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification"."""

    name = "low-rank"
    accepts = ("bag",)
    rank: int = setting(8, "rank of the weight matrix", at_least_one)
    activation: Activation = slot("identity", "the activation f", where={"acts": "elementwise"})

    def build(self, *, num_features: int, num_outputs: int) -> nn.Module:
        from textzoo_sample.modules.models import LowRankModule

        return LowRankModule(num_features, self.rank, num_outputs, self.activation.build())
