"""Stand-in for the package pytorch-optimizer: a few of its optimizers, and its two functions that find them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn


class SignOptimizer(torch.optim.Optimizer):
    """w ← w - lr·(sign(u) + weight_decay·w), with u a mean of gradients: Lion (Chen et al. 2023) and Tiger."""

    betas = (0.9, 0.99)

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float = 1e-4, weight_decay: float = 0.0) -> None:
        super().__init__(parameters, {"lr": lr, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        with torch.enable_grad():
            loss = None if closure is None else closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    direction = self.direction(self.state[parameter], parameter.grad)
                    parameter.mul_(1 - group["lr"] * group["weight_decay"]).sub_(group["lr"] * direction)
        return loss

    def direction(self, state: dict[str, Tensor], gradient: Tensor) -> Tensor:
        if gradient.is_sparse:
            raise RuntimeError("sparse gradients are not supported")
        mean = state.setdefault("mean", torch.zeros_like(gradient))
        direction = mean.lerp(gradient, 1 - self.betas[0]).sign()
        mean.lerp_(gradient, 1 - self.betas[1])
        return direction


class Tiger(SignOptimizer):
    betas = (0.965, 0.965)


class AdaBelief(SignOptimizer):
    """Adam that divides by the deviation of the gradient from its mean (Zhuang et al. 2020)."""

    def direction(self, state: dict[str, Tensor], gradient: Tensor) -> Tensor:
        if gradient.is_sparse:
            raise RuntimeError("sparse gradients are not supported")
        step = state.setdefault("step", torch.zeros(()))
        step += 1
        mean = state.setdefault("mean", torch.zeros_like(gradient)).lerp_(gradient, 0.1)
        variance = state.setdefault("variance", torch.zeros_like(gradient))
        variance.lerp_((gradient - mean).square(), 0.001).add_(1e-16)
        return mean / (1 - 0.9**step) / ((variance / (1 - 0.999**step)).sqrt() + 1e-8)


OPTIMIZERS: dict[str, type[torch.optim.Optimizer]] = {
    "adabelief": AdaBelief,
    "lion": SignOptimizer,
    "radam": torch.optim.RAdam,
    "tiger": Tiger,
}


def get_supported_optimizers() -> list[str]:
    return list(OPTIMIZERS)


def load_optimizer(optimizer: str) -> type[torch.optim.Optimizer]:
    return OPTIMIZERS[optimizer]
