"""Optimizers with a learning rate per weight, besides the textbook's Adam."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Optimizer, setting
from zoo_core.components.validators import Bounds, not_negative, positive
from zoo_textbook.optimizers import EPS_BY_ROWS_HELP, EPS_IS_SMALL, eps_of

if TYPE_CHECKING:
    import torch
    from torch import nn

L2_HELP = "L2 regularization: share of the weight added to its gradient"
EPS_HELP = "added to the denominator, against division by 0"
share = Bounds(ge=0, lt=1)


@frozen
class AdamW(Optimizer):
    """Adam with decoupled weight decay: weights shrink by lr·decay·w at each step.

    Source: Loshchilov & Hutter 2019, "Decoupled Weight Decay Regularization"."""

    name = "adamw"
    lr: float = setting(0.001, "learning rate", positive)
    beta1: float = setting(0.9, "decay of the running mean of gradients", share)
    beta2: float = setting(0.999, "decay of the running mean of squared gradients", share)
    eps: float = setting(1e-8, EPS_HELP, positive)
    weight_decay: float = setting(
        0.01, "decay: weights shrink by lr times this share of themselves at each step", not_negative
    )
    eps_by_rows: bool = setting(False, EPS_BY_ROWS_HELP, no_effect=EPS_IS_SMALL)

    def build(self, parameters: Iterable[nn.Parameter], rows: int = 1) -> torch.optim.Optimizer:
        from zoo_textbook import optimizer_modules

        return optimizer_modules.AdamW(
            parameters,
            lr=self.lr,
            betas=(self.beta1, self.beta2),
            eps=eps_of(self.eps, self.eps_by_rows, rows),
            weight_decay=self.weight_decay,
            fused=True,  # one kernel for all weights: several times faster for small models
        )


@frozen
class Adagrad(Optimizer):
    """w ← w - lr·g / (√Σg² + eps): the rate of a weight falls with its past gradients.

    The weights of rare words keep a high rate longest.

    Source: Duchi et al. 2011, "Adaptive Subgradient Methods"; Rao & McMahan, section 3.4."""

    name = "adagrad"
    supports_sparse_gradients = True
    lr: float = setting(0.01, "learning rate", positive)
    lr_decay: float = setting(0.0, "decay of the rate: lr / (1 + step · lr_decay)", not_negative)
    initial: float = setting(0.0, "initial sum of squared gradients", not_negative)
    eps: float = setting(1e-10, EPS_HELP, positive)
    weight_decay: float = setting(0.0, L2_HELP, not_negative)

    def accepts_sparse_gradients(self) -> bool:
        return self.weight_decay == 0

    def build(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        from zoo_textbook import optimizer_modules

        return optimizer_modules.Adagrad(
            parameters,
            lr=self.lr,
            lr_decay=self.lr_decay,
            weight_decay=self.weight_decay,
            initial_accumulator_value=self.initial,
            eps=self.eps,
        )


@frozen
class RMSprop(Optimizer):
    """w ← w - lr·g / (√m + eps), with m the running mean of g².

    Source: Tieleman & Hinton 2012, "Lecture 6.5: rmsprop"."""

    name = "rmsprop"
    lr: float = setting(0.01, "learning rate", positive)
    alpha: float = setting(0.99, "decay of the running mean of squared gradients", share)
    eps: float = setting(1e-8, EPS_HELP, positive)
    momentum: float = setting(0.0, "share of the previous step added to the next", share)
    centered: bool = setting(
        False, "whether to divide by the standard deviation: subtract the square of the mean gradient from m"
    )
    weight_decay: float = setting(0.0, L2_HELP, not_negative)

    def build(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        from zoo_textbook import optimizer_modules

        return optimizer_modules.RMSprop(
            parameters,
            lr=self.lr,
            alpha=self.alpha,
            eps=self.eps,
            weight_decay=self.weight_decay,
            momentum=self.momentum,
            centered=self.centered,
        )


@frozen
class Adadelta(Optimizer):
    """w ← w - lr·g·√(d + eps)/√(m + eps), with m and d running means of g² and of squared steps.

    Source: Zeiler 2012, "ADADELTA: An Adaptive Learning Rate Method"."""

    name = "adadelta"
    lr: float = setting(1.0, "factor of each step", positive)
    rho: float = setting(0.9, "decay of both running means", share)
    eps: float = setting(1e-6, "added under both roots; it sets the size of the first steps", positive)
    weight_decay: float = setting(0.0, L2_HELP, not_negative)

    def build(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        from zoo_textbook import optimizer_modules

        return optimizer_modules.Adadelta(
            parameters, lr=self.lr, rho=self.rho, eps=self.eps, weight_decay=self.weight_decay
        )
