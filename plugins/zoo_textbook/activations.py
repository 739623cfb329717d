"""Activations of the textbook's section 3.2."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Activation, setting
from zoo_core.components.validators import finite

if TYPE_CHECKING:
    from torch import nn


@frozen
class Identity(Activation):
    """x: the unchanged score.

    Source: Rao & McMahan, section 3.1 (the affine part of the perceptron)."""

    name = "identity"
    acts = "elementwise"

    def build(self) -> nn.Module:
        from torch import nn

        return nn.Identity()


@frozen
class Sigmoid(Activation):
    """1 / (1 + exp(-x)): maps a score to a probability.

    Source: Rao & McMahan, section 3.2."""

    name = "sigmoid"
    acts = "elementwise"
    range = (0.0, 1.0)
    is_probability = True

    def build(self) -> nn.Module:
        from torch import nn

        return nn.Sigmoid()


@frozen
class Tanh(Activation):
    """(exp(x) - exp(-x)) / (exp(x) + exp(-x)): a sigmoid scaled to the range -1 to 1.

    Source: Rao & McMahan, section 3.2."""

    name = "tanh"
    acts = "elementwise"
    range = (-1.0, 1.0)

    def build(self) -> nn.Module:
        from torch import nn

        return nn.Tanh()


@frozen
class ReLU(Activation):
    """max(0, x): negative scores become 0.

    Source: Rao & McMahan, section 3.2."""

    name = "relu"
    acts = "elementwise"
    range = (0.0, math.inf)

    def build(self) -> nn.Module:
        from torch import nn

        return nn.ReLU()


@frozen
class PReLU(Activation):
    """max(x, 0) + a·min(x, 0), with a learned slope a.

    Source: Rao & McMahan, section 3.2; He et al. 2015, "Delving Deep into Rectifiers"."""

    name = "prelu"
    acts = "elementwise"
    init: float = setting(0.25, "initial slope a", finite)

    def build(self) -> nn.Module:
        from torch import nn

        return nn.PReLU(init=self.init)


@frozen
class Softmax(Activation):
    """exp(xᵢ) / Σⱼ exp(xⱼ): maps each row to a probability distribution.

    Source: Rao & McMahan, section 3.2."""

    name = "softmax"
    acts = "rowwise"
    range = (0.0, 1.0)
    is_probability = True

    def build(self) -> nn.Module:
        from torch import nn

        return nn.Softmax(dim=-1)
