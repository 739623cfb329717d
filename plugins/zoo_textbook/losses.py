"""The loss functions of the textbook's section 3.3, and their relatives. Their modules are in `modules`, `margins`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Loss, setting
from zoo_core.components.validators import Bounds, finite, not_negative

if TYPE_CHECKING:
    from torch import Tensor, nn


share = Bounds(ge=0, lt=1)
SMOOTHING = "share of each target spread evenly over all classes (label smoothing)"


@frozen
class MSE(Loss):
    """Mean squared error, (1/n) Σ (y - ŷ)², between the scores and the one-hot vector of the class.

    Source: Rao & McMahan, section 3.3."""

    name = "mse"
    expects = "scores"
    link = "none"

    def build(self, *, class_weights: Tensor | None) -> nn.Module:
        from zoo_textbook.modules import OneHotMSE

        return OneHotMSE(class_weights)


@frozen
class CrossEntropy(Loss):
    """Categorical cross-entropy, -Σ yᵢ log softmax(x)ᵢ, on logits: the softmax is inside.

    Source: Rao & McMahan, section 3.3."""

    name = "cross-entropy"
    expects = "logits"
    link = "softmax"
    smoothing: float = setting(0.0, SMOOTHING, share)

    def build(self, *, class_weights: Tensor | None) -> nn.Module:
        from zoo_textbook.modules import IndexOrSoftCrossEntropy

        return IndexOrSoftCrossEntropy(class_weights, smoothing=self.smoothing)


@frozen
class BCE(Loss):
    """Binary cross-entropy, -y log p - (1 - y) log(1 - p), on probabilities: the sigmoid is the model's.

    Source: Rao & McMahan, section 3.3."""

    name = "bce"
    expects = "probabilities"
    link = "identity"
    labels = "binary"

    def outputs(self, num_classes: int) -> int:
        return 1

    def build(self, *, class_weights: Tensor | None) -> nn.Module:
        from zoo_textbook.modules import BinaryCrossEntropy

        return BinaryCrossEntropy(class_weights, logits=False)


@frozen
class BCEWithLogits(Loss):
    """Binary cross-entropy on logits: the sigmoid is inside, which is steadier for large scores.

    Formula: -y log σ(x) - (1 - y) log(1 - σ(x)).

    Source: Rao & McMahan, section 3.6 (`BCEWithLogitsLoss`)."""

    name = "bce-with-logits"
    expects = "logits"
    link = "sigmoid"
    labels = "binary"
    smoothing: float = setting(0.0, SMOOTHING, share)

    def outputs(self, num_classes: int) -> int:
        return 1

    def build(self, *, class_weights: Tensor | None) -> nn.Module:
        from zoo_textbook.modules import BinaryCrossEntropy

        return BinaryCrossEntropy(class_weights, logits=True, smoothing=self.smoothing)


@frozen
class Hinge(Loss):
    """max(0, m - y·x) for two classes, y being ±1; max(0, m + maxⱼ≠y xⱼ - xᵧ) for more: what is clearly right is free.

    Source: Cortes & Vapnik 1995, "Support-Vector Networks"; Crammer & Singer 2001 for more classes."""

    name = "hinge"
    expects = "logits"
    link = "none"
    margin: float = setting(1.0, "how far the right class must lead, m", finite, Bounds(gt=0))
    squared: bool = setting(False, "whether what is missing is squared")

    def outputs(self, num_classes: int) -> int:
        return 1 if num_classes == 2 else num_classes

    def build(self, *, class_weights: Tensor | None) -> nn.Module:
        from zoo_textbook.loss_modules import MultiHinge

        return MultiHinge(class_weights, margin=self.margin, squared=self.squared)


@frozen
class FocalLoss(Loss):
    """-(1 - pᵧ)^g · log pᵧ with p = softmax(x): cross-entropy that looks at the rows it still gets wrong.

    Source: Lin et al. 2017, "Focal Loss for Dense Object Detection"."""

    name = "focal"
    expects = "logits"
    link = "softmax"
    gamma: float = setting(2.0, "how little a row counts that is right already, g; 0 is cross-entropy", not_negative)

    def build(self, *, class_weights: Tensor | None) -> nn.Module:
        from zoo_textbook.loss_modules import Focal

        return Focal(class_weights, gamma=self.gamma)


@frozen
class Huber(Loss):
    """½(y - ŷ)² where |y - ŷ| ≤ d, d·(|y - ŷ| - d/2) beyond: mean squared error that far-off scores do not rule.

    Source: Huber 1964, "Robust Estimation of a Location Parameter"; Rao & McMahan, section 3.3 (MSE)."""

    name = "huber"
    expects = "scores"
    link = "none"
    delta: float = setting(1.0, "where the square turns into a line, d", finite, Bounds(gt=0))

    def build(self, *, class_weights: Tensor | None) -> nn.Module:
        from zoo_textbook.loss_modules import OneHotHuber

        return OneHotHuber(class_weights, delta=self.delta)
