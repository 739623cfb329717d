"""The torch modules of the plugin."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo_core.features.bag import Bag


class _Weighted(nn.Module):
    class_weights: Tensor | None

    def __init__(self, class_weights: Tensor | None = None) -> None:
        super().__init__()
        self.register_buffer("class_weights", class_weights, persistent=False)

    def mean(self, losses: Tensor, targets: Tensor) -> Tensor:
        """The mean of the losses of rows, weighed by their class."""
        if self.class_weights is None:
            return losses.mean()
        weights = self.class_weights.to(losses.dtype)[targets]
        return (weights * losses).sum() / weights.sum()


class OrdinalCrossEntropy(_Weighted):
    """Binary cross-entropies of "above k"; conditional ones count the rows above k - 1 only."""

    def __init__(self, class_weights: Tensor | None, *, conditional: bool) -> None:
        super().__init__(class_weights)
        self.conditional = conditional

    def forward(self, scores: Tensor, targets: Tensor) -> Tensor:
        ranks = torch.arange(scores.shape[1], device=scores.device)
        is_above = (targets[:, None] > ranks).to(scores.dtype)
        losses = functional.binary_cross_entropy_with_logits(scores, is_above, reduction="none")
        if self.conditional:
            losses = losses * (targets[:, None] >= ranks)
        return self.mean(losses.sum(dim=1), targets)


class BinaryOfEachClass(_Weighted):
    """The sum of a binary cross-entropy for each class."""

    def forward(self, scores: Tensor, targets: Tensor) -> Tensor:
        rows = functional.one_hot(targets, scores.shape[1]).to(scores.dtype)
        losses = functional.binary_cross_entropy_with_logits(scores, rows, reduction="none")
        return self.mean(losses.sum(dim=1), targets)


class ShiftedCrossEntropy(nn.Module):
    """Cross-entropy of scores with a fixed number added for each class."""

    shift: Tensor

    def __init__(self, shift: Tensor) -> None:
        super().__init__()
        self.register_buffer("shift", shift, persistent=False)

    def forward(self, scores: Tensor, targets: Tensor) -> Tensor:
        return functional.cross_entropy(scores + self.shift.to(scores.dtype), targets)


class MarginCrossEntropy(_Weighted):
    """Cross-entropy after the score of the class of a row is lowered by a margin."""

    margins: Tensor

    def __init__(self, margins: Tensor, class_weights: Tensor | None) -> None:
        super().__init__(class_weights)
        self.register_buffer("margins", margins, persistent=False)

    def forward(self, scores: Tensor, targets: Tensor) -> Tensor:
        rows = functional.one_hot(targets, scores.shape[1]).to(scores.dtype)
        losses = functional.cross_entropy(scores - rows * self.margins.to(scores.dtype), targets, reduction="none")
        return self.mean(losses, targets)


class TemperedModule(nn.Module):
    """The scores of another module, divided by a learned temperature."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner
        self.log_temperature = nn.Parameter(torch.zeros(()))

    def forward(self, features: Any) -> Tensor:
        scores: Tensor = self.inner(features)
        return scores / self.log_temperature.exp()


class WordVectorsModule(nn.Module):
    """The mean of the vectors of the words of a bag, and a linear layer."""

    def __init__(self, vectors: Tensor, num_outputs: int) -> None:
        super().__init__()
        self.embedding = nn.EmbeddingBag(*vectors.shape, mode="mean")
        with torch.no_grad():
            self.embedding.weight.copy_(vectors)
        self.output = nn.Linear(vectors.shape[1], num_outputs)

    def forward(self, bag: Bag) -> Tensor:
        scores: Tensor = self.output(self.embedding(bag.ids.long(), bag.offsets[:-1].long()))
        return scores


class SAM(torch.optim.Optimizer):
    """Sharpness-aware minimization (Foret et al. 2021) over gradient descent."""

    def __init__(self, parameters: Any, *, lr: float, rho: float) -> None:
        super().__init__(parameters, {"lr": lr, "rho": rho})

    @torch.no_grad()
    def step(self, closure: Any) -> Any:  # type: ignore[override]
        loss = closure()
        grown = [
            (group, p, p.grad.clone()) for group in self.param_groups for p in group["params"] if p.grad is not None
        ]
        norm = torch.stack([gradient.norm() for _, _, gradient in grown]).norm() + 1e-12
        for group, parameter, gradient in grown:
            parameter.add_(gradient, alpha=float(group["rho"] / norm))
        closure()
        for group, parameter, gradient in grown:
            parameter.sub_(gradient, alpha=float(group["rho"] / norm))
            parameter.sub_(parameter.grad, alpha=group["lr"])
        return loss
