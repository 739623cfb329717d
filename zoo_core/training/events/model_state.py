"""The state of a model before a plugin may change it, and what the plugin did to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from attrs import frozen
from torch import Tensor, nn

from zoo_core.messages import pluralize
from zoo_core.training.state_encoding import find_storing_problem


@frozen(eq=False)
class ModelState:
    """The tensors of a model with copies of their values, and what a plugin must leave as it is.

    Copies, because what is written through `parameter.data` leaves no other trace.
    """

    tensors: dict[str, Tensor]  # parameters and buffers by name: the objects themselves
    values: dict[str, Tensor]
    trainable: dict[str, bool]
    shapes: dict[str, tuple[Any, ...]]
    modes: dict[str, bool]  # of training, by the name of a module

    @classmethod
    def of(cls, module: nn.Module) -> ModelState:
        """The state of a model now."""
        tensors = _tensors(module)
        return cls(
            tensors,
            {name: tensor.detach().clone() for name, tensor in tensors.items()},
            {name: tensor.requires_grad for name, tensor in tensors.items()},
            weight_shapes(module),
            {name: part.training for name, part in module.named_modules()},
        )

    def find_breach(self, module: nn.Module, *, is_last: bool) -> str:
        """What a plugin did that it may not do; "" for nothing. `is_last`: no step of the optimizer follows."""
        if weight_shapes(module) != self.shapes:
            return "changed the names, shapes or types of the model's tensors"
        parameters = dict(module.named_parameters())
        for name, parameter in parameters.items():
            if parameter is not self.tensors.get(name):  # the optimizer would go on with the old one
                return f'replaced the parameter "{name}": change it in place, as in parameter.copy_(values)'
        if any(self.trainable.values()) and not any(part.requires_grad for part in parameters.values()) and not is_last:
            return "froze every parameter, so that nothing is left to train"
        return ""

    def restore_modes(self, module: nn.Module) -> None:
        """Return every part of the model to training or evaluation mode, as it was."""
        for name, part in module.named_modules():
            part.training = self.modes.get(name, part.training)

    def describe_change(self, module: nn.Module) -> str:
        """What a plugin did without saying so; "" if it did nothing."""
        after = _tensors(module)
        changed = sum(not torch.equal(value, after[name]) for name, value in self.values.items() if name in after)
        switched = sum(value != after[name].requires_grad for name, value in self.trainable.items() if name in after)
        texts = [f"changed {pluralize(changed, 'tensor')}"] if changed else []
        texts += [f"froze or released {pluralize(switched, 'tensor')}"] if switched else []
        return " and ".join(texts)


def find_memory_problem(memory: Mapping[Any, object]) -> str:
    """What is in the memory of a plugin that a checkpoint cannot store; "" for nothing."""
    for key, value in memory.items():
        if not isinstance(key, str) or not isinstance(value, Tensor):
            return "stored something else than tensors by name in memory"
        if problem := find_storing_problem(value):
            return f'stored {problem} in memory, as "{key}"'
    return ""


def _tensors(module: nn.Module) -> dict[str, Tensor]:
    return {**dict(module.named_parameters()), **dict(module.named_buffers())}


def weight_shapes(module: nn.Module) -> dict[str, tuple[Any, ...]]:
    """The shape, type and device of each tensor in the state of a module, by name."""
    return {name: (tensor.shape, tensor.dtype, tensor.device) for name, tensor in module.state_dict().items()}
