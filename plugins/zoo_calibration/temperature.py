"""Temperature scaling: one number that makes probabilities more or less extreme. All in float64."""

from __future__ import annotations

import math

import torch
from attrs import frozen
from torch import Tensor

from zoo_calibration.fitted import number_of
from zoo_core import CalibrationState

MIN_TEMPERATURE, MAX_TEMPERATURE = 0.05, 20.0
MAX_STEPS = 60
TOLERANCE = 1e-9  # of the logarithm of the temperature


@frozen
class Scaled:
    """The fitted calibrator "temperature"."""

    temperature: float

    def probabilities(self, log_probabilities: Tensor) -> Tensor:
        return torch.softmax(log_probabilities / self.temperature, dim=1)

    def state(self) -> CalibrationState:
        return {"temperature": self.temperature}

    @classmethod
    def from_state(cls, state: CalibrationState) -> Scaled:
        """The calibration of a state; ValueError for a temperature that `find_temperature` cannot give."""
        return cls(number_of(state, "temperature", MIN_TEMPERATURE, MAX_TEMPERATURE))


def find_temperature(log_probabilities: Tensor, targets: Tensor, *, prior: float) -> float:
    """The temperature of the least log-loss on `rows` rows and `prior` more that have the model's own probabilities.

    The log-loss is convex in the inverse b of the temperature. Its derivative is Σ E_b[z] - z_target, with the
    expectation of the log-probabilities z of a row under softmax(b z), and rises with b: Newton's method, within
    bounds that each step narrows.
    """
    z = log_probabilities - log_probabilities.max(dim=1, keepdim=True).values
    weight = prior / len(z)
    at_target = z.gather(1, targets[:, None]).sum()
    goal = float(at_target + weight * (torch.softmax(z, dim=1) * z).sum())

    def slope(inverse: float) -> tuple[float, float]:
        """The derivative of the log-loss, and its derivative."""
        p = torch.softmax(inverse * z, dim=1)
        mean = (p * z).sum(dim=1)
        variance = (p * z * z).sum(dim=1) - mean.square()
        return float((1 + weight) * mean.sum()) - goal, float((1 + weight) * variance.sum())

    low, high = 1 / MAX_TEMPERATURE, 1 / MIN_TEMPERATURE
    inverse = 1.0
    for _ in range(MAX_STEPS):
        value, rise = slope(inverse)
        low, high = (inverse, high) if value < 0 else (low, inverse)
        proposal = inverse - value / rise if rise > 0 else math.inf
        step = proposal if low < proposal < high else math.sqrt(low * high)
        if abs(math.log(step / inverse)) < TOLERANCE or value == 0:
            break
        inverse = step
    return min(max(1 / inverse, MIN_TEMPERATURE), MAX_TEMPERATURE)
