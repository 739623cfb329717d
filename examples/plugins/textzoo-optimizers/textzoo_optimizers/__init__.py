"""Any optimizer of the package pytorch-optimizer, by its name there."""

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

LION = "lion"


@frozen
class AnyOptimizer(Optimizer):
    """w ← w - lr·u, with u as the optimizer of that name has it: over a hundred of them.

    Source: the package; for lion Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms"."""

    name = "any"
    rule: str = setting(LION, "its name in pytorch-optimizer")
    lr: float = setting(0.01, "learning rate", positive)
    weight_decay: float = setting(0.0, "how fast weights shrink, as that optimizer has it", not_negative)

    def check(self) -> Iterator[Problem]:
        if self.rule != LION:  # the package loads torch, which a recipe that says nothing need not wait for
            from pytorch_optimizer import get_supported_optimizers

            if self.rule not in (names := get_supported_optimizers()):
                hint = name_hint(self.rule, names)
                yield Problem(f'unknown optimizer "{self.rule}"', hint=hint, setting="rule")

    def build(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        from pytorch_optimizer import load_optimizer

        rule: Any = load_optimizer(self.rule)
        made: torch.optim.Optimizer = rule(parameters, lr=self.lr, weight_decay=self.weight_decay)
        return made


@hookimpl
def zoo_optimizers() -> list[type[Optimizer]]:
    return [AnyOptimizer]
