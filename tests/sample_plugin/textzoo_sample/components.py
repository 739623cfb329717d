"""The components: light classes that import torch only when they build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Activation, Loss, Model, setting, slot
from zoo_core.fields import at_least_one, positive

if TYPE_CHECKING:
    from torch import Tensor, nn


@frozen
class Softsign(Activation):
    """x / (1 + |x|): a gentler tanh.

    Source: Bergstra et al. 2009, "Quadratic Polynomials Learn Better Image Features"."""

    name = "softsign"
    acts = "elementwise"
    range = (-1.0, 1.0)

    def build(self) -> nn.Module:
        from torch import nn

        return nn.Softsign()


@frozen
class SquaredHinge(Loss):
    """max(0, margin - y·x)², with y = ±1: a wide margin between two classes.

    Source: Tang 2013, "Deep Learning using Linear Support Vector Machines"."""

    name = "squared-hinge"
    wants = "logits"
    link = "none"
    labels = "binary"
    margin: float = setting(1.0, "how far from 0 a score must be", positive)

    def outputs(self, num_classes: int) -> int:
        return 1

    def build(self, *, class_weights: Tensor | None) -> nn.Module:
        from textzoo_sample.modules import SquaredHingeModule

        return SquaredHingeModule(self.margin, class_weights)


@frozen
class LowRank(Model):
    """W₂·f(W₁·x): a linear model through a narrow waist, with an activation f.

    Source: Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification"."""

    name = "low-rank"
    accepts = ("bag",)
    rank: int = setting(8, "width of the waist", at_least_one)
    activation: Activation = slot("identity", "the activation f", where={"acts": "elementwise"})

    def build(self, *, num_features: int, num_outputs: int) -> nn.Module:
        from textzoo_sample.modules import LowRankModule

        return LowRankModule(num_features, self.rank, num_outputs, self.activation.build())
