"""Losses. The classes import torch only when they build a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen
from zoo_core import Loss, setting
from zoo_core.components.validators import positive

if TYPE_CHECKING:
    from torch import Tensor, nn


@frozen
class SquaredHinge(Loss):
    """max(0, margin - y·x)², with y = ±1: the squared hinge loss of two classes.

    Source: Tang 2013, "Deep Learning using Linear Support Vector Machines"."""

    name = "squared-hinge"
    expects = "logits"
    link = "none"
    labels = "binary"
    margin: float = setting(1.0, "distance from 0 at which the loss of a correct score is 0", positive)

    def outputs(self, num_classes: int) -> int:
        return 1

    def build(self, *, class_weights: Tensor | None = None) -> nn.Module:
        from textzoo_sample.modules.losses import SquaredHingeModule

        return SquaredHingeModule(self.margin, class_weights)
