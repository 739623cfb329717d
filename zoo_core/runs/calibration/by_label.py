"""The calibration of several labels a text: one of two classes for each label, not having it and having it."""

from __future__ import annotations

import torch
from attrs import frozen
from torch import Tensor

from zoo_core.components.contracts import Calibrator
from zoo_core.components.head import Head
from zoo_core.components.protocols import CalibrationState, FittedCalibration

SEPARATOR = "."  # between the number of a label and the name of a value in the state


@frozen
class LabelCalibrations:
    """A fitted calibration for each label."""

    fitted: tuple[FittedCalibration, ...]

    def probabilities(self, log_probabilities: Tensor) -> Tensor:
        """Log-probabilities `(rows, classes, 2)` float64 → the probabilities `(rows, classes)` of having each label."""
        parts = zip(self.fitted, log_probabilities.unbind(1), strict=True)
        return torch.stack([one.probabilities(part)[:, 1] for one, part in parts], dim=1)

    def state(self) -> CalibrationState:
        """The values of every label, whose names begin with its number."""
        return {
            f"{index}{SEPARATOR}{name}": value
            for index, one in enumerate(self.fitted)
            for name, value in one.state().items()
        }


def restore_calibration(calibrator: Calibrator, head: Head, state: CalibrationState) -> FittedCalibration:
    """The calibration of a head whose `state` this is. Raises ValueError for a state that no fit gives."""
    if head.targets == "single-label":
        return calibrator.restore(state)
    by_label: list[dict[str, object]] = [{} for _ in head.classes]
    for key, value in state.items():
        index, separator, name = key.partition(SEPARATOR)
        if not (separator and index.isascii() and index.isdecimal() and int(index) < len(by_label)):
            raise ValueError(f'"{key:.40}" does not begin with the number of a label')
        by_label[int(index)][name] = value
    return LabelCalibrations(tuple(calibrator.restore(one) for one in by_label))  # type: ignore[arg-type]
