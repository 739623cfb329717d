"""How much the rows of a class count in training: by weights in the loss, and by repeated rows."""

from __future__ import annotations

import torch
from torch import Tensor

from zoo_core.components.fields import NumbersByClass
from zoo_core.components.head import Head
from zoo_core.recipes.plan import Plan
from zoo_core.training.rows.epochs import EpochBatches


def count_classes(targets: Tensor, classes: int) -> tuple[float, ...]:
    """The rows of each class; of targets that are probabilities `(rows, classes)` their sums."""
    counts = targets.sum(dim=0) if targets.ndim == 2 else torch.bincount(targets, minlength=classes)
    return tuple(counts.tolist())


def loss_weights(plan: Plan, head: Head) -> Tensor | None:
    """The weight of each class in the training loss `(classes,)`; None if all are equal.

    Balanced weights are rows / (classes · rows of the class); a class without rows has weight 0. Of weights by name,
    those that are not given are 1.
    """
    weights = plan.training.class_weights
    if weights == "none":
        return None
    if isinstance(weights, NumbersByClass):
        return torch.tensor([weights.get(name, 1.0) for name in head.classes])
    rows = torch.tensor(head.class_counts, dtype=torch.float32)
    return torch.where(rows > 0, float(sum(head.class_counts)) / (len(rows) * rows), 0)


def positive_weights(plan: Plan, head: Head, rows: int) -> Tensor | None:
    """The weight in the training loss of those of `rows` rows that have each label `(classes,)`; None if all are 1.

    Balanced weights are the rows without a label / the rows with it; 1 for a label that all rows have, or none. Of
    weights by name, those that are not given are 1.
    """
    weights = plan.training.positive_weights
    if weights == "none":
        return None
    if isinstance(weights, NumbersByClass):
        return torch.tensor([weights.get(name, 1.0) for name in head.classes])
    having = torch.tensor(head.class_counts, dtype=torch.float32)
    lacking = rows - having
    return torch.where((having > 0) & (lacking > 0), lacking / having, 1.0)


def finish_weights(train: EpochBatches, head: Head, epoch: int, device: torch.device) -> dict[str, Tensor | None]:
    """The weights of rows in an epoch, by the names that `finish` of a model gets them by, on a device."""
    positive = positive_weights(train.plan, head, len(train.train))
    found = {"class_weights": row_weights(train, head, epoch), "positive_weights": positive}
    return {name: None if weights is None else weights.to(device) for name, weights in found.items()}


def row_weights(train: EpochBatches, head: Head, epoch: int) -> Tensor | None:
    """What a row of each class counts in an epoch, float32 `(classes,)`, 1 in the mean; None if all count alike.

    The weight of its class in the loss, times how often the sampler draws it.
    """
    weights = loss_weights(train.plan, head)
    drawn = train.draws_by_class(epoch, len(head.classes))
    if weights is None and drawn is None:
        return None
    counted = torch.ones(len(head.classes)) if weights is None else weights
    counted = counted if drawn is None else counted * drawn
    rows = torch.tensor(head.class_counts, dtype=torch.float32)
    return counted * rows.sum() / (counted * rows).sum()
