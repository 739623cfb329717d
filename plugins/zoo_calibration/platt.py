"""Platt's sigmoid: a straight line through the log-odds. All in float64."""

from __future__ import annotations

import math

import torch
from attrs import frozen
from torch import Tensor

from zoo_calibration.fitted import number_of, of_second_class, second_log_odds
from zoo_core import CalibrationState

MAX_SLOPE = 1e6
MAX_OFFSET = 1e12
MAX_STEPS = 100
MAX_HALVINGS = 40
TOLERANCE = 1e-10  # of the gradient, for each row
RIDGE = 1e-12  # added to the second derivatives, as by Lin et al.


@frozen
class Sigmoid:
    """The fitted calibrator "platt": p = 1 / (1 + exp(-(slope · log-odds + offset)))."""

    slope: float
    offset: float

    def probabilities(self, log_probabilities: Tensor) -> Tensor:
        return of_second_class(torch.sigmoid(self.slope * second_log_odds(log_probabilities) + self.offset))

    def state(self) -> CalibrationState:
        return {"slope": self.slope, "offset": self.offset}

    @classmethod
    def from_state(cls, state: CalibrationState) -> Sigmoid:
        """The calibration of a state; ValueError for numbers that `fit_sigmoid` cannot give."""
        return cls(number_of(state, "slope", 0.0, MAX_SLOPE), number_of(state, "offset", -MAX_OFFSET, MAX_OFFSET))


def fit_sigmoid(log_odds: Tensor, is_second: Tensor) -> Sigmoid:
    """The sigmoid of the least log-loss on Platt's targets, from log-odds `(rows,)` and whether each row is positive.

    The target is (n + 1) / (n + 2) for each of n positive rows, and 1 / (m + 2) for each of m negative ones, so that
    rows that a line separates do not make it infinitely steep. Newton's method with the step halved until the loss
    falls (Lin, Lin & Weng 2007). A slope below 0, which would turn the order of the rows around, becomes 0.
    """
    positive = float(is_second.sum())
    negative = len(is_second) - positive
    targets = torch.where(is_second, (positive + 1) / (positive + 2), 1 / (negative + 2)).double()
    scale = max(float(log_odds.abs().max()), 1.0)
    x = log_odds / scale  # between -1 and 1
    weights = torch.tensor([1.0, math.log((positive + 1) / (negative + 1))], dtype=torch.float64)
    slope, offset = _newton(torch.stack([x, torch.ones_like(x)], dim=1), targets, weights).tolist()
    if slope < 0:
        share = float(targets.mean())
        return Sigmoid(0.0, math.log(share / (1 - share)))
    return Sigmoid(min(slope / scale, MAX_SLOPE), min(max(offset, -MAX_OFFSET), MAX_OFFSET))


def _newton(inputs: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    """The weights `(2,)` of the least logistic loss of inputs `(rows, 2)`."""

    def loss(weights: Tensor) -> float:
        scores = inputs @ weights
        return float((torch.nn.functional.softplus(scores) - targets * scores).sum())

    current = loss(weights)
    for _ in range(MAX_STEPS):
        p = torch.sigmoid(inputs @ weights)
        gradient = inputs.T @ (p - targets)
        if float(gradient.abs().max()) < TOLERANCE * len(targets):
            break
        curvature = (inputs * (p * (1 - p))[:, None]).T @ inputs + RIDGE * torch.eye(2, dtype=torch.float64)
        step = torch.linalg.solve(curvature, gradient)
        for _ in range(MAX_HALVINGS):
            if (found := loss(weights - step)) <= current:
                break
            step = step / 2
        else:
            break
        weights, current = weights - step, found
    return weights
