"""The forms of predictions and targets that a metric takes, brought to those of its contract."""

from __future__ import annotations

import torch
from torch import Tensor

from zoo_core.components.head import Head
from zoo_core.components.loss_inputs import check_indices, check_tensors, describe_tensor
from zoo_core.errors import DataError

__all__ = [
    "label_inputs",
    "label_matrix_inputs",
    "labels_of",
    "memberships_of",
    "probabilities_of",
    "probability_inputs",
    "probability_matrix_inputs",
]


def labels_of(head: Head, predicted: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Predicted and true labels in the form of the type of targets of a head."""
    inputs = label_matrix_inputs if head.targets == "multi-label" else label_inputs
    return inputs(predicted, targets, len(head.classes))


def probabilities_of(head: Head, predicted: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Probabilities `(batch, classes)` and true labels in the form of the type of targets of a head."""
    if head.targets == "multi-label":
        return probability_matrix_inputs(predicted, targets, len(head.classes))
    return probability_inputs(predicted, targets)


def memberships_of(head: Head, predicted: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Probabilities, and whether each row belongs to each class, bool, both `(batch, classes)`."""
    probabilities, labels = probabilities_of(head, predicted, targets)
    return probabilities, head.form.memberships(labels, probabilities.shape[1])


def label_inputs(predicted: Tensor, targets: Tensor, classes: int) -> tuple[Tensor, Tensor]:
    """Predicted and true class indices, each `(batch,)` int64, from whole numbers of any type or columns of them.

    Raises DataError for anything else, with what is expected.
    """
    check_tensors(predicted=predicted, targets=targets)
    batch = targets.shape[0] if targets.ndim else 1
    return _to_indices("predicted", predicted, batch, classes), _to_indices("targets", targets, batch, classes)


def probability_inputs(predicted: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Probabilities `(batch, classes)` float and true class indices `(batch,)` int64.

    The probabilities of class 1 of two classes may be `(batch,)` or `(batch, 1)`. Raises DataError for anything else.
    """
    check_tensors(predicted=predicted, targets=targets)
    batch = targets.shape[0] if targets.ndim else 1
    if predicted.shape in ((batch,), (batch, 1)) and predicted.is_floating_point():
        column = predicted.reshape(batch, 1)
        predicted = torch.cat([1 - column, column], dim=1)
    if predicted.ndim != 2 or len(predicted) != batch or predicted.shape[1] < 2:
        expected = f"probabilities ({batch}, classes) float, or of class 1 ({batch},)"
        raise DataError(f"predicted: got {describe_tensor(predicted)}, expected {expected}")
    predicted = predicted if predicted.is_floating_point() else predicted.double()
    return predicted, _to_indices("targets", targets, batch, predicted.shape[1])


def label_matrix_inputs(predicted: Tensor, targets: Tensor, classes: int) -> tuple[Tensor, Tensor]:
    """Predicted and true labels, each bool `(batch, classes)`, from 0 and 1 of any type.

    Raises DataError for anything else, with what is expected.
    """
    check_tensors(predicted=predicted, targets=targets)
    return _to_bool("predicted", predicted, classes), _to_bool("targets", targets, classes)


def probability_matrix_inputs(predicted: Tensor, targets: Tensor, classes: int) -> tuple[Tensor, Tensor]:
    """Probabilities of the labels, float `(batch, classes)`, and the true ones, bool `(batch, classes)`.

    Raises DataError for anything else, with what is expected.
    """
    check_tensors(predicted=predicted, targets=targets)
    if predicted.ndim != 2 or predicted.shape[1] != classes or not predicted.is_floating_point():
        expected = f"probabilities (batch, {classes}) float"
        raise DataError(f"predicted: got {describe_tensor(predicted)}, expected {expected}")
    return predicted, _to_bool("targets", targets, classes)


def _to_bool(name: str, labels: Tensor, classes: int) -> Tensor:
    is_matrix = labels.ndim == 2 and labels.shape[1] == classes
    if not is_matrix or not bool(((labels == 0) | (labels == 1)).all()):
        raise DataError(f"{name}: got {describe_tensor(labels)}, expected 0 or 1 for each label (batch, {classes})")
    return labels.bool()


def _to_indices(name: str, labels: Tensor, batch: int, classes: int) -> Tensor:
    column = labels.squeeze(1) if labels.ndim == 2 and labels.shape[1] == 1 else labels
    is_whole = not column.is_floating_point() or bool((column == column.round()).all())
    if column.shape != (batch,) or not is_whole:
        raise DataError(f"{name}: got {describe_tensor(labels)}, expected class indices ({batch},) int64")
    return check_indices(column.long(), classes, name)
