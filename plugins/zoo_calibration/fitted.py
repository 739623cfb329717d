"""Probabilities without a correction, and the numbers of a state, read without trust."""

from __future__ import annotations

import math

import torch
from attrs import frozen
from torch import Tensor

from zoo_core import CalibrationState


@frozen
class Unchanged:
    """The fitted calibrator "none"."""

    def probabilities(self, log_probabilities: Tensor) -> Tensor:
        return log_probabilities.exp()

    def state(self) -> CalibrationState:
        return {}


def number_of(state: CalibrationState, key: str, low: float, high: float) -> float:
    """A number of a state. Raises ValueError unless it is finite and between `low` and `high`."""
    value = state.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{key}: expected a number")
    if not (math.isfinite(value) and low <= value <= high):
        raise ValueError(f"{key}: got {value:g}, expected a number between {low:g} and {high:g}")
    return float(value)


def numbers_of(state: CalibrationState, key: str, low: float, high: float) -> list[float]:
    """The numbers of a list in a state, which is not empty. Raises ValueError unless all are between the limits."""
    values = state.get(key)
    if not isinstance(values, list | tuple) or not values:
        raise ValueError(f"{key}: expected a list of numbers")
    return [number_of({key: value}, key, low, high) for value in values]


def second_log_odds(log_probabilities: Tensor) -> Tensor:
    """The logarithm of p / (1 - p) of the second of two classes `(rows,)`, from log-probabilities `(rows, 2)`."""
    return log_probabilities[:, 1] - log_probabilities[:, 0]


def of_second_class(probabilities: Tensor) -> Tensor:
    """The probabilities `(rows, 2)` of two classes, from those of the second `(rows,)`."""
    return torch.stack([1 - probabilities, probabilities], dim=1)
