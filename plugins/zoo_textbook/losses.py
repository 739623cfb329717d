"""The loss functions of the textbook's section 3.3. Their modules are in `modules`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Loss

if TYPE_CHECKING:
    from torch import Tensor, nn


@frozen
class MSE(Loss):
    """Mean squared error, (1/n) Σ (y - ŷ)², between the scores and the one-hot vector of the class.

    Source: Rao & McMahan, section 3.3."""

    name = "mse"
    wants = "scores"
    link = "none"

    def build(self, *, class_weights: Tensor | None) -> nn.Module:
        from zoo_textbook.modules import OneHotMSE

        return OneHotMSE(class_weights)


@frozen
class CrossEntropy(Loss):
    """Categorical cross-entropy, -Σ yᵢ log softmax(x)ᵢ, on logits: the softmax is inside.

    Source: Rao & McMahan, section 3.3."""

    name = "cross-entropy"
    wants = "logits"
    link = "softmax"

    def build(self, *, class_weights: Tensor | None) -> nn.Module:
        from zoo_textbook.modules import IndexOrSoftCrossEntropy

        return IndexOrSoftCrossEntropy(class_weights)


@frozen
class BCE(Loss):
    """Binary cross-entropy, -y log p - (1 - y) log(1 - p), on probabilities: the sigmoid is the model's.

    Source: Rao & McMahan, section 3.3."""

    name = "bce"
    wants = "probabilities"
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
    wants = "logits"
    link = "sigmoid"
    labels = "binary"

    def outputs(self, num_classes: int) -> int:
        return 1

    def build(self, *, class_weights: Tensor | None) -> nn.Module:
        from zoo_textbook.modules import BinaryCrossEntropy

        return BinaryCrossEntropy(class_weights, logits=True)
