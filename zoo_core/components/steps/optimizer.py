"""The contract of optimizers. Nothing here imports torch, so that listing components is fast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from zoo_core.components.component import Component

if TYPE_CHECKING:
    import torch


class Optimizer(Component):
    """The rule that updates parameters from their gradients.

    Attributes:
        supports_sparse_gradients: `True` if `step` takes sparse gradients.
        needs_closure: `True` if `step` takes a function that computes the gradients and returns the loss (LBFGS, SAM).
    """

    required_methods = ("build",)
    build_arguments = ("parameters", "named_parameters", "rows")
    supports_sparse_gradients: ClassVar[bool] = False
    needs_closure: ClassVar[bool] = False

    def accepts_sparse_gradients(self) -> bool:
        """Whether it supports sparse gradients with these settings; `supports_sparse_gradients` by default.

        Called when a recipe is checked."""
        return self.supports_sparse_gradients

    def build(self, *args: Any, **kwargs: Any) -> torch.optim.Optimizer:
        """The torch optimizer of the parameters of a model that require a gradient.

        Offered, by name: `parameters`, a list of them; `named_parameters`, a list of pairs of the name in the module
        and the parameter, for groups with settings of their own: no decay of biases, rates by layer; and `rows`, the
        number of rows of the training split. Called once for the preflight check, and once before the first step, when
        the module is on its device."""
        raise NotImplementedError
