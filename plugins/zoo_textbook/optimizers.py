"""Optimizers of the textbook's section 3.4."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Optimizer, Problem, setting
from zoo_core.components.validators import Bounds, not_negative, positive

if TYPE_CHECKING:
    import torch
    from torch import nn

EPS_BY_ROWS_HELP = "whether eps is divided by the square root of the number of training rows"
EPS_IS_SMALL = "it only matters for a large eps"


def eps_of(eps: float, by_rows: bool, rows: int) -> float:
    """The eps of the optimizer for so many training rows."""
    return eps / math.sqrt(rows) if by_rows else eps


@frozen
class SGD(Optimizer):
    """Stochastic gradient descent, w ← w - lr·g, with optional momentum and L2 regularization.

    Source: Rao & McMahan, sections 1.1 and 3.4."""

    name = "sgd"
    supports_sparse_gradients = True
    lr: float = setting(0.1, "learning rate", positive)
    momentum: float = setting(0.0, "share of the previous step added to the next", Bounds(ge=0, lt=1))
    weight_decay: float = setting(0.0, "L2 regularization: share of the weight added to its gradient", not_negative)
    nesterov: bool = setting(False, "whether momentum is Nesterov's: applied before the gradient is taken")

    def check(self) -> Iterator[Problem]:
        if self.nesterov and not self.momentum:
            yield Problem("needs momentum, which is 0", hint="momentum = 0.9", setting="nesterov")

    def accepts_sparse_gradients(self) -> bool:
        return self.weight_decay == 0 and not self.nesterov

    def build(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        from zoo_textbook import optimizer_modules

        return optimizer_modules.SGD(
            parameters,
            lr=self.lr,
            momentum=self.momentum,
            weight_decay=self.weight_decay,
            nesterov=self.nesterov,
        )


@frozen
class Adam(Optimizer):
    """Adam: steps scaled by running means of the gradient and of its square.

    The step of a weight is lr·m / (√v + eps), as large for rare features as for frequent ones if eps is small. √v of a
    feature that k of n texts have grows with √(k/n): with an eps divided by √n (`eps_by_rows`), features of few texts
    take smaller steps, in small and large files alike.

    Source: Rao & McMahan, section 3.4; Kingma & Ba 2015, "Adam: A Method for Stochastic Optimization"."""

    name = "adam"
    lr: float = setting(0.001, "learning rate", positive)
    beta1: float = setting(0.9, "decay of the running mean of gradients", Bounds(ge=0, lt=1))
    beta2: float = setting(0.999, "decay of the running mean of squared gradients", Bounds(ge=0, lt=1))
    eps: float = setting(1e-8, "added to the denominator, against division by 0", positive)
    weight_decay: float = setting(0.0, "L2 regularization: share of the weight added to its gradient", not_negative)
    eps_by_rows: bool = setting(False, EPS_BY_ROWS_HELP, no_effect=EPS_IS_SMALL)

    def build(self, parameters: Iterable[nn.Parameter], rows: int = 1) -> torch.optim.Optimizer:
        from zoo_textbook import optimizer_modules

        return optimizer_modules.Adam(
            parameters,
            lr=self.lr,
            betas=(self.beta1, self.beta2),
            eps=eps_of(self.eps, self.eps_by_rows, rows),
            weight_decay=self.weight_decay,
            fused=True,  # one kernel for all weights: several times faster for small models
        )
