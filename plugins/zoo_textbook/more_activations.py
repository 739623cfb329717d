"""Relatives of the textbook's activations: rectifiers that keep something of the negative side, and smooth ones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from zoo_core import Activation, setting
from zoo_core.components.validators import Bounds, finite

if TYPE_CHECKING:
    from torch import nn

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
positive = Bounds(gt=0)


@frozen
class LeakyReLU(Activation):
    """max(x, 0) + a·min(x, 0), with a slope a that stays: no unit is ever dead.

    Source: Maas et al. 2013, "Rectifier Nonlinearities"; Rao & McMahan, section 3.2 (as the step to PReLU)."""

    name = "leaky-relu"
    acts = "elementwise"
    slope: float = setting(0.01, "the slope a of the negative side", finite)

    def build(self) -> nn.Module:
        from torch import nn

        return nn.LeakyReLU(self.slope)


@frozen
class ELU(Activation):
    """x where x > 0, a·(exp(x) - 1) elsewhere: falls smoothly to -a.

    Source: Clevert et al. 2016, "Fast and Accurate Deep Network Learning by Exponential Linear Units"."""

    name = "elu"
    acts = "elementwise"
    alpha: float = setting(1.0, "how far below 0 it falls, a", finite, positive)

    def build(self) -> nn.Module:
        from torch import nn

        return nn.ELU(self.alpha)


@frozen
class SELU(Activation):
    """s·x where x > 0, s·a·(exp(x) - 1) elsewhere, with s and a such that layer after layer keeps mean 0, variance 1.

    Source: Klambauer et al. 2017, "Self-Normalizing Neural Networks"."""

    name = "selu"
    acts = "elementwise"
    range = (-SELU_SCALE * SELU_ALPHA, math.inf)

    def build(self) -> nn.Module:
        from torch import nn

        return nn.SELU()


@frozen
class GELU(Activation):
    """x·Φ(x), with Φ the normal distribution: a score weighed by how large it is among scores.

    As tanh: x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³))).

    Source: Hendrycks & Gimpel 2016, "Gaussian Error Linear Units"."""

    name = "gelu"
    acts = "elementwise"
    range = (-0.18, math.inf)
    approximate: Literal["none", "tanh"] = setting("none", "the exact form, or the one by tanh")

    def build(self) -> nn.Module:
        from torch import nn

        return nn.GELU(self.approximate)


@frozen
class SiLU(Activation):
    """x·σ(x), also called swish: a score that opens its own gate.

    Source: Elfwing et al. 2018, "Sigmoid-Weighted Linear Units"; Ramachandran et al. 2017."""

    name = "silu"
    acts = "elementwise"
    range = (-0.28, math.inf)

    def build(self) -> nn.Module:
        from torch import nn

        return nn.SiLU()


@frozen
class Softplus(Activation):
    """log(1 + exp(b·x)) / b: a ReLU without the corner; its derivative is the sigmoid.

    Source: Dugas et al. 2001, "Incorporating Second-Order Functional Knowledge"; Glorot et al. 2011."""

    name = "softplus"
    acts = "elementwise"
    range = (0.0, math.inf)
    beta: float = setting(1.0, "how sharp the bend is, b", finite, positive)

    def build(self) -> nn.Module:
        from torch import nn

        return nn.Softplus(self.beta)


@frozen
class Mish(Activation):
    """x·tanh(log(1 + exp(x))): smooth, and a little below 0 for small negative scores.

    Source: Misra 2020, "Mish: A Self Regularized Non-Monotonic Activation Function"."""

    name = "mish"
    acts = "elementwise"
    range = (-0.31, math.inf)

    def build(self) -> nn.Module:
        from torch import nn

        return nn.Mish()


@frozen
class HardTanh(Activation):
    """min(max(x, -1), 1): tanh in three straight lines.

    Source: Collobert 2004, "Large Scale Machine Learning"; Rao & McMahan, section 3.2 (tanh)."""

    name = "hard-tanh"
    acts = "elementwise"
    range = (-1.0, 1.0)

    def build(self) -> nn.Module:
        from torch import nn

        return nn.Hardtanh()


@frozen
class LogSoftmax(Activation):
    """xᵢ - log Σⱼ exp(xⱼ): the logarithm of softmax; cross-entropy makes the same of it as of the scores themselves.

    Source: Rao & McMahan, section 3.3 (cross-entropy takes the logarithm of the softmax)."""

    name = "log-softmax"
    acts = "rowwise"

    def build(self) -> nn.Module:
        from torch import nn

        return nn.LogSoftmax(dim=1)
