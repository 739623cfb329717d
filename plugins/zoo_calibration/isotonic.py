"""Isotonic regression: a curve that never falls, with as many steps as the rows ask for. All in float64."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from attrs import frozen
from torch import Tensor

from zoo_calibration.fitted import numbers_of, of_second_class, second_log_odds
from zoo_core import CalibrationState

DECIMALS = 9  # of log-odds: rows that differ less are equal, but for rounding
MAX_LOG_ODDS = 20_000.0  # log-probabilities are at least -10,000


@frozen
class Curve:
    """The fitted calibrator "isotonic": straight lines between points, flat beyond them."""

    log_odds: tuple[float, ...]
    values: tuple[float, ...]

    def probabilities(self, log_probabilities: Tensor) -> Tensor:
        found = second_log_odds(log_probabilities)
        curve = np.interp(found.cpu().numpy(), self.log_odds, self.values)
        return of_second_class(torch.from_numpy(curve).to(found.device))

    def state(self) -> CalibrationState:
        return {"log_odds": list(self.log_odds), "probabilities": list(self.values)}

    @classmethod
    def from_state(cls, state: CalibrationState) -> Curve:
        """The calibration of a state; ValueError for points that `fit_curve` cannot give."""
        log_odds = numbers_of(state, "log_odds", -MAX_LOG_ODDS, MAX_LOG_ODDS)
        values = numbers_of(state, "probabilities", 0.0, 1.0)
        if len(log_odds) != len(values):
            raise ValueError("expected as many probabilities as log_odds")
        if any(low >= high for low, high in pairwise(log_odds)):
            raise ValueError("log_odds: expected rising numbers")
        if any(low > high for low, high in pairwise(values)) or values[0] <= 0 or values[-1] >= 1:
            raise ValueError("probabilities: expected numbers above 0 and below 1 that never fall")
        return cls(tuple(log_odds), tuple(values))


def fit_curve(log_odds: Tensor, is_second: Tensor) -> Curve:
    """The curve of the least squared error, from log-odds `(rows,)` and whether each row is positive.

    Rows of equal log-odds are pooled first. Values are at least 1 / (rows + 2) and at most 1 - that, which is what the
    rows of a class can show: 0 and 1 would make the log-loss of one wrong row infinite.
    """
    from scipy.optimize import isotonic_regression  # here: a run that is opened only interpolates

    x, group, counts = np.unique(log_odds.numpy().round(DECIMALS), return_inverse=True, return_counts=True)
    shares = np.bincount(group, weights=is_second.numpy().astype(float)) / counts
    least = 1 / (len(log_odds) + 2)
    y = np.clip(isotonic_regression(shares, weights=counts).x, least, 1 - least)
    # of points of equal values only the first and the last
    is_edge = np.r_[True, y[1:] != y[:-1]] | np.r_[y[1:] != y[:-1], True]
    return Curve(tuple(x[is_edge].tolist()), tuple(y[is_edge].tolist()))
