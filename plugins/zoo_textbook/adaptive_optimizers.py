"""Optimizers that give each weight a rate of its own, beside the textbook's Adam."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Optimizer, setting
from zoo_core.components.validators import Bounds, not_negative, positive

if TYPE_CHECKING:
    import torch
    from torch import nn

L2 = "L2 regularization: added to the gradient per unit of weight"
share = Bounds(ge=0, lt=1)


@frozen
class AdamW(Optimizer):
    """Adam whose weights shrink by lr·decay·w at each step, apart from the gradient and its scaling.

    Source: Loshchilov & Hutter 2019, "Decoupled Weight Decay Regularization"."""

    name = "adamw"
    lr: float = setting(0.001, "learning rate", positive)
    beta1: float = setting(0.9, "decay of the mean of gradients", share)
    beta2: float = setting(0.999, "decay of the mean of squared gradients", share)
    eps: float = setting(1e-8, "added to the root of the squares, against division by 0", positive)
    weight_decay: float = setting(0.01, "share of lr by which weights shrink at each step", not_negative)

    def build(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        from zoo_textbook import optimizer_modules

        return optimizer_modules.AdamW(
            parameters,
            lr=self.lr,
            betas=(self.beta1, self.beta2),
            eps=self.eps,
            weight_decay=self.weight_decay,
            fused=True,  # one kernel for all weights, as for Adam
        )


@frozen
class Adagrad(Optimizer):
    """w ← w - lr·g / (√Σg² + eps): a weight's rate falls with all its gradients; rare words learn longest.

    Source: Duchi et al. 2011, "Adaptive Subgradient Methods"; Rao & McMahan, section 3.4."""

    name = "adagrad"
    supports_sparse_gradients = True
    lr: float = setting(0.01, "learning rate", positive)
    lr_decay: float = setting(0.0, "share by which the rate falls with each step", not_negative)
    initial: float = setting(0.0, "the sum of squares at the start", not_negative)
    eps: float = setting(1e-10, "added to the root of the squares, against division by 0", positive)
    weight_decay: float = setting(0.0, L2, not_negative)

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
    """w ← w - lr·g / (√m + eps), with m the running mean of g²: Adagrad that forgets.

    Source: Tieleman & Hinton 2012, "Lecture 6.5: rmsprop"."""

    name = "rmsprop"
    lr: float = setting(0.01, "learning rate", positive)
    alpha: float = setting(0.99, "decay of the mean of squared gradients", share)
    eps: float = setting(1e-8, "added to the root of the squares, against division by 0", positive)
    momentum: float = setting(0.0, "share of the last step kept in the next", share)
    centered: bool = setting(False, "whether the mean gradient's square is taken off, which leaves the variance")
    weight_decay: float = setting(0.0, L2, not_negative)

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
    """w ← w - lr·g·√(d + eps)/√(m + eps), with m the running mean of g² and d that of the steps' squares.

    Source: Zeiler 2012, "ADADELTA: An Adaptive Learning Rate Method"."""

    name = "adadelta"
    lr: float = setting(1.0, "what each step is multiplied by", positive)
    rho: float = setting(0.9, "decay of both means", share)
    eps: float = setting(1e-6, "added under both roots; the first steps are as large as it", positive)
    weight_decay: float = setting(0.0, L2, not_negative)

    def build(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        from zoo_textbook import optimizer_modules

        return optimizer_modules.Adadelta(
            parameters, lr=self.lr, rho=self.rho, eps=self.eps, weight_decay=self.weight_decay
        )
