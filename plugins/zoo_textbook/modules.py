"""Torch modules of the textbook's losses and models, usable without the rest of the zoo.

Losses take the forms of targets that `zoo_core.components.loss_inputs` lists.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo_core.components.loss_inputs import SingleOutput, check_probabilities, standard_inputs
from zoo_core.features.bag import Bag
from zoo_core.features.bag_layers import BagLinear
from zoo_core.features.layouts import Dense


def to_probabilities(targets: Tensor, classes: int, dtype: torch.dtype) -> Tensor:
    """Return targets of either form as probabilities `(batch, classes)`."""
    if targets.ndim == 2:
        return targets.to(dtype)
    return functional.one_hot(targets, classes).to(dtype)  # (batch, classes)


class WeightedLoss(nn.Module):
    """A loss with class weights: each row counts by the weight of its class, as in torch.

    It takes every form of targets that `standard_inputs` does; subclasses define `loss`.
    """

    class_weights: Tensor | None
    single_output: SingleOutput = "none"  # what a single output is
    is_binary = False  # whether it takes no more than one output

    def __init__(self, class_weights: Tensor | None = None) -> None:
        super().__init__()
        self.register_buffer("class_weights", class_weights, persistent=False)

    def forward(self, scores: Tensor, targets: Tensor) -> Tensor:
        inputs = standard_inputs(scores, targets, single_output=self.single_output, is_binary=self.is_binary)
        return self.loss(*inputs)

    def loss(self, scores: Tensor, targets: Tensor) -> Tensor:
        """Return the loss of scores `(batch, outputs)` and targets in the forms of the contract."""
        raise NotImplementedError

    def mean(self, row_losses: Tensor, target: Tensor) -> Tensor:
        """Return the weighted mean of row losses `(batch,)` for targets `(batch, classes)`."""
        if self.class_weights is None:
            return row_losses.mean()
        weights = target @ self.class_weights.to(target.dtype)  # (batch,)
        return (row_losses * weights).sum() / weights.sum()


class OneHotMSE(WeightedLoss):
    """Mean squared error between scores `(batch, classes)` and the one-hot vectors of the targets."""

    single_output = "number"

    def loss(self, scores: Tensor, targets: Tensor) -> Tensor:
        target = to_probabilities(targets, scores.shape[1], scores.dtype)
        return self.mean((scores - target).square().mean(dim=1), target)


class IndexOrSoftCrossEntropy(WeightedLoss):
    """Cross-entropy of logits `(batch, classes)` with class indices or probabilities."""

    def __init__(self, class_weights: Tensor | None = None, *, smoothing: float = 0.0) -> None:
        super().__init__(class_weights)
        self.smoothing = smoothing

    def loss(self, scores: Tensor, targets: Tensor) -> Tensor:
        classes, smoothing = scores.shape[1], self.smoothing
        if self.class_weights is not None:
            weight = self.class_weights.to(scores.dtype)
            target = targets.to(scores.dtype) if targets.ndim == 2 else targets
            return functional.cross_entropy(scores, target, weight=weight, label_smoothing=smoothing)
        if targets.ndim == 1 and not smoothing:
            return functional.cross_entropy(scores, targets)
        target = to_probabilities(targets, classes, scores.dtype)
        if smoothing:  # faster than torch's `label_smoothing`, which takes half as long again
            target = target * (1 - smoothing) + smoothing / classes
        return functional.cross_entropy(scores, target)


class BinaryCrossEntropy(WeightedLoss):
    """Binary cross-entropy of one output `(batch, 1)`: the logit or the probability of class 1."""

    single_output = "class 1"
    is_binary = True

    def __init__(self, class_weights: Tensor | None = None, *, logits: bool, smoothing: float = 0.0) -> None:
        super().__init__(class_weights)
        self.logits, self.smoothing = logits, smoothing

    def loss(self, scores: Tensor, targets: Tensor) -> Tensor:
        positive = targets[:, 1] if targets.ndim == 2 else targets
        loss = functional.binary_cross_entropy_with_logits if self.logits else functional.binary_cross_entropy
        values, expected = scores.reshape(-1), positive.to(scores.dtype)  # (batch,) each
        if not self.logits and values.device.type == "cpu" and bool(values.isfinite().all()):  # NaN has its own error
            check_probabilities(values, "scores", "give the model a sigmoid as output, or use bce-with-logits")
        if self.smoothing:
            expected = expected * (1 - self.smoothing) + self.smoothing / 2
        if self.class_weights is None:
            return loss(values, expected)
        target = to_probabilities(targets, 2, scores.dtype)
        return self.mean(loss(values, expected, reduction="none"), target)


class FirstLayer(nn.Module):
    """An affine layer on a Bag, a Dense matrix or a tensor, with the same weights `(features, outputs)`."""

    def __init__(self, num_features: int, num_outputs: int) -> None:
        super().__init__()
        self.linear = BagLinear(num_features, num_outputs)

    def forward(self, features: Bag | Dense | Tensor) -> Tensor:
        return self.linear(features)  # type: ignore[no-any-return]


class PerceptronModule(nn.Module):
    """y = f(w·x + b): features → scores `(batch, outputs)`."""

    def __init__(self, num_features: int, num_outputs: int, output: nn.Module) -> None:
        super().__init__()
        self.affine = FirstLayer(num_features, num_outputs)
        self.output = output

    def forward(self, features: Bag | Dense | Tensor) -> Tensor:
        return self.output(self.affine(features))  # type: ignore[no-any-return]


class MLPModule(nn.Module):
    """Affine layers with activation and dropout between them: features → scores `(batch, outputs)`."""

    def __init__(
        self,
        num_features: int,
        hidden: Sequence[int],
        num_outputs: int,
        activations: Sequence[nn.Module],
        dropout: float,
    ) -> None:
        super().__init__()
        self.first = FirstLayer(num_features, hidden[0])
        sizes = [*hidden, num_outputs]
        layers: list[nn.Module] = []
        for activation, size_in, size_out in zip(activations, sizes[:-1], sizes[1:], strict=True):
            layers += [activation, nn.Dropout(dropout), nn.Linear(size_in, size_out)]
        self.rest = nn.Sequential(*layers)

    def forward(self, features: Bag | Dense | Tensor) -> Tensor:
        return self.rest(self.first(features))  # type: ignore[no-any-return]
