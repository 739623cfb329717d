"""Optimizers with groups of named parameters, and optimizers that need a closure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Optimizer, setting
from zoo_core.components.validators import positive

if TYPE_CHECKING:
    import torch
    from torch import nn


@frozen
class AdamWithoutBiasDecay(Optimizer):
    """AdamW that decays weight matrices only.

    Source: Loshchilov & Hutter 2019."""

    name = "adamw-without-bias-decay"
    lr: float = setting(0.01, "learning rate", positive)
    decay: float = setting(0.5, "decay of weight matrices", positive)

    def build(self, named_parameters: Iterable[tuple[str, nn.Parameter]]) -> torch.optim.Optimizer:
        from torch.optim import AdamW

        named = list(named_parameters)
        biases = [value for name, value in named if name.endswith("bias") or value.ndim < 2]
        weights = [value for name, value in named if not (name.endswith("bias") or value.ndim < 2)]
        groups = [{"params": weights, "weight_decay": self.decay}, {"params": biases, "weight_decay": 0.0}]
        return AdamW([group for group in groups if group["params"]], lr=self.lr)


@frozen
class LayerRates(Optimizer):
    """Gradient descent whose rate falls with the distance of a layer from the output.

    Source: Howard & Ruder 2018."""

    name = "layer-rates"
    supports_sparse_gradients = True
    expected_failures = (("same-in-any-order", "the rate depends on the place of a layer"),)
    lr: float = setting(0.5, "learning rate of the last layer", positive)
    factor: float = setting(0.5, "factor of the rate from layer to layer", positive)

    def build(self, named_parameters: Iterable[tuple[str, nn.Parameter]]) -> torch.optim.Optimizer:
        from torch.optim import SGD

        layers: dict[str, list[nn.Parameter]] = {}
        for name, parameter in named_parameters:
            layers.setdefault(name.rpartition(".")[0], []).append(parameter)
        last = len(layers) - 1
        rates = [self.lr * self.factor ** (last - at) for at in range(len(layers))]
        return SGD([{"params": values, "lr": rate} for values, rate in zip(layers.values(), rates, strict=True)])


@frozen
class QuasiNewton(Optimizer):
    """L-BFGS, a quasi-Newton method that remembers the last steps.

    Source: Liu & Nocedal 1989."""

    name = "quasi-newton"
    supports_sparse_gradients = True
    needs_closure = True
    lr: float = setting(0.1, "learning rate", positive)

    def build(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        from torch.optim import LBFGS

        return LBFGS(parameters, lr=self.lr, max_iter=4)


@frozen
class SharpnessAware(Optimizer):
    """Sharpness-aware minimization.

    Source: Foret et al. 2021."""

    name = "sharpness-aware"
    supports_sparse_gradients = True
    needs_closure = True
    lr: float = setting(0.1, "learning rate", positive)
    rho: float = setting(0.05, "distance at which the gradient is computed", positive)

    def build(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        from tests.contracts.wide_plugin.modules import SAM

        return SAM(parameters, lr=self.lr, rho=self.rho)
