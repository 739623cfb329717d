"""The inputs of losses: batches of 1 to 512 rows and 2 to 6 classes, scores to 1,000 in size, ties, absent classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

import torch
from attrs import frozen
from torch import Tensor, nn
from torch.nn import functional

from zoo_core.components.building.call import call_build
from zoo_core.components.component import TargetType
from zoo_core.components.contracts import Loss
from zoo_core.testing.cases import Subject, skip
from zoo_core.testing.input_sets import InputSet
from zoo_core.testing.inputs import make_scores

ROWS = 6
COUNTS = (1, 40, 7, 300, 12, 90)  # rows of each class in the training split, for a loss that asks for them
SIZES = (1000.0, 300.0, 95.0, 89.0, 50.0, 20.0)  # exp(89) is infinite in float32


@frozen(eq=False)
class Batch:
    """Scores `(rows, outputs)` of the form that a loss expects, class indices `(rows,)`, and the number of classes."""

    scores: Tensor
    targets: Tensor
    classes: int

    def soft_targets(self, share: float = 0.0) -> Tensor:
        """The targets as probabilities `(rows, classes)`, of which a share is moved to the next class."""
        soft = one_hot(self.targets, self.classes).to(self.scores.dtype)
        return soft.lerp(soft.roll(1, dims=1), share)


@frozen
class LossInput:
    """A number of classes, the class of each row, and scores `(rows, outputs)` as logits."""

    classes: int
    targets: Tensor
    make_logits: Callable[[int, int], Tensor]  # rows, outputs → scores
    is_harsh: bool = False

    def make(self, loss: Loss, dtype: torch.dtype = torch.float32) -> Batch:
        """Make the batch for a loss, in the form that it expects."""
        logits = self.make_logits(len(self.targets), loss.outputs(self.classes)).to(dtype)
        return Batch(as_expected(loss, logits), self.targets, self.classes)


def as_expected(loss: Loss, logits: Tensor) -> Tensor:
    """Return logits in the form that the loss expects."""
    if loss.expects == "probabilities":
        return torch.sigmoid(logits)
    return torch.softmax(logits, dim=1) if loss.expects == "distribution" else logits


def one_hot(targets: Tensor, classes: int) -> Tensor:
    """Return class indices as probabilities `(rows, classes)`."""
    return functional.one_hot(targets, classes).float()


def _make_large_logits(rows: int, outputs: int) -> Tensor:
    sizes = torch.tensor(SIZES)[torch.arange(rows) % len(SIZES)].unsqueeze(1)
    signs = torch.where((torch.arange(rows).unsqueeze(1) // len(SIZES) + torch.arange(outputs)) % 2 == 0, 1.0, -1.0)
    return sizes * signs * torch.linspace(1, 0.95, outputs)


def _make_zeros(rows: int, outputs: int) -> Tensor:
    signs = torch.where((torch.arange(rows).unsqueeze(1) + torch.arange(outputs)) % 2 == 0, 1.0, -1.0)
    return torch.zeros(rows, outputs) * signs  # +0 and -0


def _make_ties(rows: int, outputs: int) -> Tensor:
    return make_scores(rows, 1).repeat(1, outputs)


def _input(
    rows: int, classes: int, logits: Callable[[int, int], Tensor] = make_scores, *, occurring: int = 0, first: int = 0
) -> Callable[[], LossInput]:
    def make() -> LossInput:
        targets = first + torch.arange(rows) % (occurring or classes)
        return LossInput(classes, targets, logits, logits is not make_scores)

    return make


LOSS_INPUTS = InputSet(
    "loss",
    1,
    {
        "12 rows of 3 classes": _input(12, 3),
        "1 row of 2 classes": _input(1, 2),
        "1 row of 6 classes": _input(1, 6, first=4, occurring=1),
        "12 rows of 2 classes, all of class 0": _input(12, 2, occurring=1),
        "12 rows of 2 classes, all of class 1": _input(12, 2, occurring=1, first=1),
        "12 rows of 6 classes, of which the first 2 occur": _input(12, 6, occurring=2),
        "256 rows of 6 classes": _input(256, 6),
        "512 rows of 2 classes": _input(512, 2),
        "scores of +0 and -0 of 2 classes": _input(12, 2, _make_zeros),
        "scores of +0 and -0 of 6 classes": _input(12, 6, _make_zeros),
        "equal scores of 2 classes": _input(12, 2, _make_ties),
        "equal scores of 6 classes": _input(12, 6, _make_ties),
        "scores up to 1,000 in size of 2 classes": _input(24, 2, _make_large_logits),
        "scores up to 1,000 in size of 6 classes": _input(36, 6, _make_large_logits),
    },
)


def batches(
    subject: Subject, *, harsh: bool | None = None, dtype: torch.dtype = torch.float32
) -> Iterator[tuple[str, Batch]]:
    """Yield the inputs for a loss with their descriptions: all, or the harsh ones, or the others."""
    loss = require_type(subject, "single-label")
    for description, loss_input in LOSS_INPUTS:
        if loss_input.classes in (2, num_classes(subject, loss_input.classes)) and harsh in (None, loss_input.is_harsh):
            yield description, loss_input.make(loss, dtype)


def require_type(subject: Subject, targets: TargetType) -> Loss:
    """Return the loss to check; skips the check if it does not support this type of targets."""
    loss = loss_of(subject)
    if targets not in loss.targets:
        skip(f"it does not support {targets} targets")
    return loss


def loss_of(subject: Subject) -> Loss:
    """Return the loss to check."""
    return cast(Loss, subject.component)


def num_classes(subject: Subject, classes: int = 3) -> int:
    """Return this number of classes, or 2 for a binary loss."""
    return 2 if loss_of(subject).labels == "binary" else classes


def build_loss(subject: Subject, class_weights: Tensor | None = None, *, classes: int = 0) -> nn.Module:
    """Build the module of a loss, with uneven counts of the classes if it asks for them."""
    require_type(subject, "single-label")
    counts = torch.tensor(COUNTS[: classes or num_classes(subject)])
    return cast(nn.Module, call_build(subject.component, class_weights=class_weights, class_counts=counts))


def make_loss_inputs(subject: Subject, rows: int = ROWS, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    """Return scores of the form that the loss expects `(rows, outputs)`, and class indices `(rows,)`."""
    classes = num_classes(subject)
    loss = require_type(subject, "single-label")
    batch = LossInput(classes, torch.arange(rows) % classes, make_scores).make(loss, dtype)
    return batch.scores, batch.targets
