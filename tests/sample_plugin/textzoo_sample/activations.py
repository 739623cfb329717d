"""Activations. The classes import torch only when they build a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen
from zoo_core import Activation

if TYPE_CHECKING:
    from torch import nn


@frozen
class Softsign(Activation):
    """x / (1 + |x|): saturates more slowly than tanh.

    Source: Bergstra et al. 2009, "Quadratic Polynomials Learn Better Image Features"."""

    name = "softsign"
    acts = "elementwise"
    range = (-1.0, 1.0)

    def build(self) -> nn.Module:
        from torch import nn

        return nn.Softsign()
