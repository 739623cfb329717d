"""Losses of several labels a text. Their torch modules are in `loss_modules`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Loss, setting
from zoo_core.components.validators import Bounds, not_negative

if TYPE_CHECKING:
    from torch import Tensor, nn


@frozen
class AsymmetricLoss(Loss):
    """-(1 - p)^a · log p for a label that the text has, -q^b · log(1 - q) else, q = max(p - m, 0).

    p is the sigmoid of the output of the label. Labels that a text lacks are many and mostly easy: b above a makes easy
    ones count less, and those with a probability below the margin m do not count at all. The loss is the mean over
    rows and labels.

    Source: Ridnik et al. 2021, "Asymmetric Loss For Multi-Label Classification"."""

    name = "asymmetric"
    expects = "logits"
    link = "sigmoid"
    targets = ("multi-label",)
    gamma_positive: float = setting(0.0, "exponent a of the labels that a text has", not_negative)
    gamma_negative: float = setting(4.0, "exponent b of the labels that a text lacks", not_negative)
    margin: float = setting(0.05, "probability m by which those of lacking labels are lowered", Bounds(ge=0, lt=1))

    def build(self, *, positive_weights: Tensor | None = None) -> nn.Module:
        from zoo_tagging.loss_modules import Asymmetric

        return Asymmetric(
            positive_weights,
            gamma_positive=self.gamma_positive,
            gamma_negative=self.gamma_negative,
            margin=self.margin,
        )
