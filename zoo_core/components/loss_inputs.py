"""The forms of scores and targets that a loss takes, brought to those of its contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor

from zoo_core.errors import DataError

__all__ = ["SingleOutput", "check_indices", "check_probabilities", "check_tensors", "label_matrices", "standard_inputs"]
SingleOutput = Literal["class 1", "number", "none"]  # what one output is: the score of class 1 of two, or a number


def standard_inputs(
    scores: Tensor, targets: Tensor, *, single_output: SingleOutput = "none", is_binary: bool = False
) -> tuple[Tensor, Tensor]:
    """Scores as `(batch, outputs)`; targets as class indices `(batch,)` int64, or as rows `(batch, classes)`.

    `is_binary` is for a loss that takes no more than one output. Besides the two forms of its contract, a loss takes

    - class indices of any integer type or bool, also as a column `(batch, 1)`;
    - one-hot rows or probabilities `(batch, classes)`;
    - for one output: scores `(batch,)`, and targets `(batch,)` or `(batch, 1)` of any type, which are the probability
      of class 1, as of torch's BCE, or a number, as of torch's MSE.

    Raises DataError for all others, with the forms that fit these scores, and for tensors of different devices.
    """
    check_tensors(scores=scores, targets=targets)
    if scores.ndim == 1 and single_output != "none":
        scores = scores.unsqueeze(1)
    outputs = scores.shape[1] if scores.ndim == 2 and scores.is_floating_point() else 0
    if not outputs or (is_binary and outputs > 1) or (outputs == 1 and single_output == "none"):
        expected = {"class 1": "(batch, 1)", "number": "(batch, outputs)", "none": "(batch, classes)"}[single_output]
        raise DataError(f"scores: got {describe_tensor(scores)}, expected {expected} float")
    batch = len(scores)
    column = targets.squeeze(1) if targets.ndim == 2 and targets.shape[1] == 1 else targets
    is_column = column.shape == (batch,)
    if outputs > 1 or single_output == "class 1":
        classes = max(outputs, 2)
        if targets.shape == (batch, classes):
            is_any_number = single_output == "number" and targets.is_floating_point()
            return scores, targets if is_any_number else check_probabilities(targets)
        if is_column and not column.is_floating_point():
            return scores, check_indices(column.long(), classes)
        if is_column and outputs == 1:
            column = check_probabilities(column)
            return scores, torch.stack([1 - column, column], dim=1)
    elif is_column:
        return scores, column.unsqueeze(1)
    raise DataError(f"targets: got {describe_tensor(targets)}, expected {_expected(batch, outputs, single_output)}")


def label_matrices(scores: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Scores `(batch, classes)`, and targets of multi-label data as floats of the same type and shape.

    Targets may be of any type, from 0 to 1. Raises DataError for all others, and for tensors of different devices.
    """
    check_tensors(scores=scores, targets=targets)
    if scores.ndim != 2 or not scores.is_floating_point():
        raise DataError(f"scores: got {describe_tensor(scores)}, expected (batch, classes) float")
    if targets.shape != scores.shape:
        expected = f"0 or 1 for each label {tuple(scores.shape)}"
        raise DataError(f"targets: got {describe_tensor(targets)}, expected {expected}")
    return scores, check_probabilities(targets).to(scores.dtype)


def check_indices(indices: Tensor, classes: int, name: str = "targets") -> Tensor:
    """Class indices `(batch,)` int64 unchanged; DataError if one is out of range, on the CPU."""
    if indices.device.type == "cpu" and indices.numel():  # elsewhere each step would wait for the device
        low, high = map(int, indices.aminmax())
        if low < 0 or high >= classes:
            message = f"{name}: got the class index {low if low < 0 else high}, expected 0 to {classes - 1}"
            raise DataError(message)
    return indices


def check_probabilities(values: Tensor, name: str = "targets", hint: str = "") -> Tensor:
    """Probabilities of any shape unchanged; DataError if one is not between 0 and 1, on the CPU."""
    if values.device.type == "cpu" and values.numel():  # as for indices
        low, high = (float(bound) for bound in values.detach().to(torch.float32).aminmax())
        if not (low >= 0 and high <= 1):  # NaN is neither
            wrong = high if low >= 0 else low
            raise DataError(f"{name}: got {wrong:g}, expected probabilities from 0 to 1", hint=hint)
    return values


def check_tensors(**tensors: Any) -> None:
    """Raise DataError unless these are tensors on one device; the message has their names."""
    first = next(iter(tensors))
    for name, tensor in tensors.items():
        if not isinstance(tensor, Tensor):
            hint = f"torch.as_tensor({name})" if isinstance(tensor, Sequence) or hasattr(tensor, "__array__") else ""
            raise DataError(f"{name}: got {type(tensor).__name__}, expected a tensor", hint=hint)
        if tensor.device != tensors[first].device:
            expected = f"{tensors[first].device} as for {first}"
            raise DataError(
                f"{name}: got a tensor on {tensor.device}, expected {expected}", hint=f"{name}.to({first}.device)"
            )


def _expected(batch: int, outputs: int, single_output: SingleOutput) -> str:
    column = f"({batch},) or ({batch}, 1) float"
    if outputs == 1 and single_output == "number":
        return f"numbers {column}"
    rows = f"class indices ({batch},) int64, or one-hot rows or probabilities ({batch}, {max(outputs, 2)})"
    return f"{rows}, or probabilities of class 1 {column}" if outputs == 1 else rows


def describe_tensor(tensor: Tensor) -> str:
    """The shape and type of a tensor, for a message."""
    return f"{tuple(tensor.shape)} {str(tensor.dtype).removeprefix('torch.')}"
