"""Losses with a link of their own, and losses that use the class counts of the training split."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import Loss, setting

if TYPE_CHECKING:
    from torch import Tensor, nn


class Ordinal(Loss):
    """Classes in an order: output k is the logit of "the class is above k"."""

    expects = "logits"
    link = "own"
    supports_soft_targets = False

    def outputs(self, num_classes: int) -> int:
        return num_classes - 1


@frozen
class CORN(Ordinal):
    """Conditional ordinal regression: logits of P(y > k | y > k - 1).

    Source: Shi, Cao & Raschka 2021."""

    name = "corn"

    def probabilities(self, scores: Tensor) -> Tensor:
        import torch

        above = torch.sigmoid(scores).cumprod(dim=1)  # P(y > k), which never increases
        return -torch.diff(above, dim=1, prepend=above.new_ones(len(above), 1), append=above.new_zeros(len(above), 1))

    def build(self, *, class_weights: Tensor | None = None) -> nn.Module:
        from tests.contracts.wide_plugin.modules import OrdinalCrossEntropy

        return OrdinalCrossEntropy(class_weights, conditional=True)


@frozen
class CORAL(Ordinal):
    """Ordinal regression of cumulative logits, predicted by rank.

    Source: Cao, Mirjalili & Raschka 2020."""

    name = "coral"

    def probabilities(self, scores: Tensor) -> Tensor:
        import torch

        above = torch.sigmoid(scores).cummin(dim=1).values
        return -torch.diff(above, dim=1, prepend=above.new_ones(len(above), 1), append=above.new_zeros(len(above), 1))

    def predict(self, scores: Tensor) -> Tensor:
        return (scores > 0).sum(dim=1)

    def build(self, *, class_weights: Tensor | None = None) -> nn.Module:
        from tests.contracts.wide_plugin.modules import OrdinalCrossEntropy

        return OrdinalCrossEntropy(class_weights, conditional=False)


@frozen
class OneVsRest(Loss):
    """A sigmoid for each class, normalized to probabilities.

    Source: Rifkin & Klautau 2004."""

    name = "one-vs-rest"
    expects = "logits"
    link = "own"
    supports_soft_targets = False

    def probabilities(self, scores: Tensor) -> Tensor:
        from torch.nn import functional

        return functional.logsigmoid(scores).softmax(dim=1)

    def build(self, *, class_weights: Tensor | None = None) -> nn.Module:
        from tests.contracts.wide_plugin.modules import BinaryOfEachClass

        return BinaryOfEachClass(class_weights)


@frozen
class OneVsRestByScore(OneVsRest):
    """A sigmoid for each class, predicted by the largest score.

    Source: Rifkin & Klautau 2004."""

    name = "one-vs-rest-by-score"

    def predict(self, scores: Tensor) -> Tensor:
        return scores.argmax(dim=1)


@frozen
class LogitAdjusted(Loss):
    """Cross-entropy of scores + τ log of the class shares; balanced softmax for τ = 1.

    Source: Menon et al. 2021."""

    name = "logit-adjusted"
    expects = "logits"
    link = "softmax"
    supports_soft_targets = False
    tau: float = setting(1.0, "how much the class shares count")

    def build(self, *, class_counts: Tensor) -> nn.Module:
        from tests.contracts.wide_plugin.modules import ShiftedCrossEntropy

        return ShiftedCrossEntropy(self.tau * (class_counts.clamp(min=1) / class_counts.sum()).log())


@frozen
class LDAM(Loss):
    """Cross-entropy with a margin ∝ count^(-1/4) for the class of a row.

    Source: Cao et al. 2019."""

    name = "ldam"
    expects = "logits"
    link = "softmax"
    supports_soft_targets = False

    def build(self, *, class_weights: Tensor | None = None, class_counts: Tensor) -> nn.Module:
        from tests.contracts.wide_plugin.modules import MarginCrossEntropy

        return MarginCrossEntropy(class_counts.clamp(min=1).double().pow(-0.25).float(), class_weights)
