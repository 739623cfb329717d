"""Losses of the textbook's section 3.3 and related ones. Their torch modules are in `modules` and `loss_modules`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Loss, setting
from zoo_core.components.component import ANY_TARGETS
from zoo_core.components.validators import Bounds, not_negative, positive

if TYPE_CHECKING:
    from torch import Tensor, nn

    from zoo_core.components.component import TargetType

share = Bounds(ge=0, lt=1)
SMOOTHING_HELP = "label smoothing: share of each target distributed evenly over all classes"


@frozen
class MSE(Loss):
    """Mean squared error, (1/n) Σ (y - ŷ)², of the scores and the one-hot vector of the class.

    Source: Rao & McMahan, section 3.3."""

    name = "mse"
    expects = "scores"
    link = "none"

    def build(self, *, class_weights: Tensor | None = None) -> nn.Module:
        from zoo_textbook.modules import OneHotMSE

        return OneHotMSE(class_weights)


@frozen
class CrossEntropy(Loss):
    """Categorical cross-entropy on logits, -Σ yᵢ log softmax(x)ᵢ; it applies the softmax.

    Source: Rao & McMahan, section 3.3."""

    name = "cross-entropy"
    expects = "logits"
    link = "softmax"
    smoothing: float = setting(0.0, SMOOTHING_HELP, share)

    def build(self, *, class_weights: Tensor | None = None) -> nn.Module:
        from zoo_textbook.modules import IndexOrSoftCrossEntropy

        return IndexOrSoftCrossEntropy(class_weights, smoothing=self.smoothing)


@frozen
class BCE(Loss):
    """Binary cross-entropy on probabilities, -y log p - (1 - y) log(1 - p).

    The model applies the sigmoid. With several labels a text it is the mean over rows and labels.

    Source: Rao & McMahan, section 3.3."""

    name = "bce"
    expects = "probabilities"
    link = "identity"
    labels = "binary"
    targets = ANY_TARGETS

    def outputs(self, num_classes: int) -> int:
        return 1

    def build(
        self,
        *,
        class_weights: Tensor | None = None,
        positive_weights: Tensor | None = None,
        targets: TargetType = "single-label",
    ) -> nn.Module:
        from zoo_textbook.label_losses import LabelProbabilityCrossEntropy
        from zoo_textbook.modules import BinaryCrossEntropy

        if targets == "multi-label":
            return LabelProbabilityCrossEntropy(positive_weights)
        return BinaryCrossEntropy(class_weights, logits=False)


@frozen
class BCEWithLogits(Loss):
    """Binary cross-entropy on logits, -y log σ(x) - (1 - y) log(1 - σ(x)).

    It applies the sigmoid itself, which is numerically more stable for large scores. With several labels a text it is
    the mean over rows and labels.

    Source: Rao & McMahan, section 3.6 (`BCEWithLogitsLoss`)."""

    name = "bce-with-logits"
    expects = "logits"
    link = "sigmoid"
    labels = "binary"
    targets = ANY_TARGETS
    smoothing: float = setting(0.0, SMOOTHING_HELP, share)

    def outputs(self, num_classes: int) -> int:
        return 1

    def build(
        self,
        *,
        class_weights: Tensor | None = None,
        positive_weights: Tensor | None = None,
        targets: TargetType = "single-label",
    ) -> nn.Module:
        from zoo_textbook.label_losses import LabelCrossEntropy
        from zoo_textbook.modules import BinaryCrossEntropy

        if targets == "multi-label":
            return LabelCrossEntropy(positive_weights, smoothing=self.smoothing)
        return BinaryCrossEntropy(class_weights, logits=True, smoothing=self.smoothing)


@frozen
class Hinge(Loss):
    """max(0, m - y·x) with y = ±1 for two classes; max(0, m + maxⱼ≠y xⱼ - xᵧ) for more.

    A row whose correct class leads by the margin m costs nothing.

    Source: Cortes & Vapnik 1995, "Support-Vector Networks"; Crammer & Singer 2001 for more classes."""

    name = "hinge"
    expects = "logits"
    link = "none"
    margin: float = setting(1.0, "margin m by which the correct class must lead", positive)
    squared: bool = setting(False, "whether the loss of a row is squared")

    def outputs(self, num_classes: int) -> int:
        return 1 if num_classes == 2 else num_classes

    def build(self, *, class_weights: Tensor | None = None) -> nn.Module:
        from zoo_textbook.loss_modules import MultiHinge

        return MultiHinge(class_weights, margin=self.margin, squared=self.squared)


@frozen
class FocalLoss(Loss):
    """-(1 - pᵧ)^g · log pᵧ with p = softmax(x): cross-entropy focused on misclassified rows.

    With several labels a text, p is the sigmoid of each output, of the answer that is right for the label, and the loss
    is the mean over rows and labels.

    Source: Lin et al. 2017, "Focal Loss for Dense Object Detection"."""

    name = "focal"
    expects = "logits"
    link = "softmax"
    targets = ANY_TARGETS
    gamma: float = setting(
        2.0, "exponent g that reduces the loss of well-classified rows; 0 is cross-entropy", not_negative
    )

    def build(
        self,
        *,
        class_weights: Tensor | None = None,
        positive_weights: Tensor | None = None,
        targets: TargetType = "single-label",
    ) -> nn.Module:
        from zoo_textbook.label_losses import LabelFocal
        from zoo_textbook.loss_modules import Focal

        if targets == "multi-label":
            return LabelFocal(positive_weights, gamma=self.gamma)
        return Focal(class_weights, gamma=self.gamma)


@frozen
class Huber(Loss):
    """½(y - ŷ)² if |y - ŷ| ≤ d, else d·(|y - ŷ| - d/2): squared error robust to outliers.

    Source: Huber 1964, "Robust Estimation of a Location Parameter"; Rao & McMahan, section 3.3 (MSE)."""

    name = "huber"
    expects = "scores"
    link = "none"
    delta: float = setting(1.0, "distance d at which the square turns into a line", positive)

    def build(self, *, class_weights: Tensor | None = None) -> nn.Module:
        from zoo_textbook.loss_modules import OneHotHuber

        return OneHotHuber(class_weights, delta=self.delta)
