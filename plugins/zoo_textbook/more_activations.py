"""Activations beyond the textbook: rectifiers with a negative part, and smooth functions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from zoo_core import Activation, setting
from zoo_core.components.validators import finite, positive

if TYPE_CHECKING:
    from torch import nn

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


@frozen
class LeakyReLU(Activation):
    """max(x, 0) + a·min(x, 0), with a fixed slope a, so that no unit dies.

    Source: Maas et al. 2013, "Rectifier Nonlinearities"; Rao & McMahan, section 3.2 (as the step to PReLU)."""

    name = "leaky-relu"
    acts = "elementwise"
    slope: float = setting(0.01, "slope a for negative scores", finite)

    def build(self) -> nn.Module:
        from torch import nn

        return nn.LeakyReLU(self.slope)


@frozen
class ELU(Activation):
    """x if x > 0, else a·(exp(x) - 1): falls smoothly to -a.

    Source: Clevert et al. 2016, "Fast and Accurate Deep Network Learning by Exponential Linear Units"."""

    name = "elu"
    acts = "elementwise"
    alpha: float = setting(1.0, "a, the negative of the lower limit", positive)

    def build(self) -> nn.Module:
        from torch import nn

        return nn.ELU(self.alpha)


@frozen
class SELU(Activation):
    """s·x if x > 0, else s·a·(exp(x) - 1), with constants s and a.

    They keep mean 0 and variance 1 from layer to layer.

    Source: Klambauer et al. 2017, "Self-Normalizing Neural Networks"."""

    name = "selu"
    acts = "elementwise"
    range = (-SELU_SCALE * SELU_ALPHA, math.inf)

    def build(self) -> nn.Module:
        from torch import nn

        return nn.SELU()


@frozen
class GELU(Activation):
    """x·Φ(x), with Φ the normal distribution function.

    Approximation by tanh: x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³))).

    Source: Hendrycks & Gimpel 2016, "Gaussian Error Linear Units"."""

    name = "gelu"
    acts = "elementwise"
    range = (-0.18, math.inf)
    approximate: Literal["none", "tanh"] = setting("none", "none for the exact form, tanh for the approximation")

    def build(self) -> nn.Module:
        from torch import nn

        return nn.GELU(self.approximate)


@frozen
class SiLU(Activation):
    """x·σ(x), also called swish.

    Source: Elfwing et al. 2018, "Sigmoid-Weighted Linear Units"; Ramachandran et al. 2017."""

    name = "silu"
    acts = "elementwise"
    range = (-0.28, math.inf)

    def build(self) -> nn.Module:
        from torch import nn

        return nn.SiLU()


@frozen
class Softplus(Activation):
    """log(1 + exp(b·x)) / b: a smooth ReLU; its derivative is the sigmoid.

    Source: Dugas et al. 2001, "Incorporating Second-Order Functional Knowledge"; Glorot et al. 2011."""

    name = "softplus"
    acts = "elementwise"
    range = (0.0, math.inf)
    beta: float = setting(1.0, "sharpness b of the bend", positive)

    def build(self) -> nn.Module:
        from torch import nn

        return nn.Softplus(self.beta)


@frozen
class Mish(Activation):
    """x·tanh(log(1 + exp(x))): smooth, and slightly negative for small negative scores.

    Source: Misra 2020, "Mish: A Self Regularized Non-Monotonic Activation Function"."""

    name = "mish"
    acts = "elementwise"
    range = (-0.31, math.inf)

    def build(self) -> nn.Module:
        from torch import nn

        return nn.Mish()


@frozen
class HardTanh(Activation):
    """min(max(x, -1), 1): tanh in three linear pieces.

    Source: Collobert 2004, "Large Scale Machine Learning"; Rao & McMahan, section 3.2 (tanh)."""

    name = "hard-tanh"
    acts = "elementwise"
    range = (-1.0, 1.0)

    def build(self) -> nn.Module:
        from torch import nn

        return nn.Hardtanh()


@frozen
class LogSoftmax(Activation):
    """xᵢ - log Σⱼ exp(xⱼ): the logarithm of softmax.

    Cross-entropy gives the same loss for it as for the scores themselves.

    Source: Rao & McMahan, section 3.3 (cross-entropy takes the logarithm of the softmax)."""

    name = "log-softmax"
    acts = "rowwise"

    def build(self) -> nn.Module:
        from torch import nn

        return nn.LogSoftmax(dim=-1)
