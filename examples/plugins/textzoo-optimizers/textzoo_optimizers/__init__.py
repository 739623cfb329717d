"""The optimizers of the package pytorch-optimizer, by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from attrs import frozen
from zoo_core import Optimizer, Problem, hookimpl, setting
from zoo_core.components.validators import not_negative, positive
from zoo_core.messages import name_hint

if TYPE_CHECKING:
    import torch
    from torch import nn

DEFAULT_RULE = "lion"


@frozen
class AnyOptimizer(Optimizer):
    """w ← w - lr·u, with the update u of any of over a hundred optimizers.

    Source: the package; lion: Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms"."""

    name = "any"
    rule: str = setting(DEFAULT_RULE, "name of the optimizer in pytorch-optimizer")
    lr: float = setting(0.01, "learning rate", positive)
    weight_decay: float = setting(0.0, "weight decay of the optimizer", not_negative)

    def check(self) -> Iterator[Problem]:
        if self.rule != DEFAULT_RULE:  # the package loads torch, which a recipe with the default must not
            from pytorch_optimizer import get_supported_optimizers

            if self.rule not in (names := get_supported_optimizers()):
                hint = name_hint(self.rule, names)
                yield Problem(f'unknown optimizer "{self.rule}"', hint=hint, setting="rule")

    def build(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        from pytorch_optimizer import load_optimizer

        cls: Any = load_optimizer(self.rule)
        optimizer: torch.optim.Optimizer = cls(parameters, lr=self.lr, weight_decay=self.weight_decay)
        return optimizer


@hookimpl
def zoo_optimizers() -> list[type[Optimizer]]:
    return [AnyOptimizer]
