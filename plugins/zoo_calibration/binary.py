"""Calibrators for two classes. torch and scipy are imported by the modules that compute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from zoo_core import CalibrationState, Calibrator, FittedCalibration

if TYPE_CHECKING:
    import torch


@frozen
class Platt(Calibrator):
    """1 / (1 + exp(-(a·x + b))) of the log-odds x of the second of two classes.

    a and b have the least log-loss on the validation rows, with targets a little inside 0 and 1, so that few rows and
    rows without errors make no probability certain. a is at least 0. Predicted labels may change.

    Source: Platt 1999, "Probabilistic Outputs for Support Vector Machines"; Lin, Lin & Weng 2007."""

    name = "platt"
    labels = "binary"

    def fit(self, log_probabilities: torch.Tensor, targets: torch.Tensor) -> FittedCalibration:
        from zoo_calibration.fitted import second_log_odds
        from zoo_calibration.platt import fit_sigmoid

        return fit_sigmoid(second_log_odds(log_probabilities), targets == 1)

    def restore(self, state: CalibrationState) -> FittedCalibration:
        from zoo_calibration.platt import Sigmoid

        return Sigmoid.from_state(state)


@frozen
class Isotonic(Calibrator):
    """The curve over the log-odds of the second of two classes that never falls and has the least squared error.

    It is made of the shares of pooled validation rows, with straight lines between them. No value is below
    1 / (rows + 2), nor above 1 minus that. It needs many rows, about 1,000; rows on a flat part get equal
    probabilities, and predicted labels may change.

    Source: Zadrozny & Elkan 2002, "Transforming Classifier Scores into Accurate Multiclass Probability Estimates"."""

    name = "isotonic"
    labels = "binary"

    def fit(self, log_probabilities: torch.Tensor, targets: torch.Tensor) -> FittedCalibration:
        from zoo_calibration.fitted import second_log_odds
        from zoo_calibration.isotonic import fit_curve

        return fit_curve(second_log_odds(log_probabilities), targets == 1)

    def restore(self, state: CalibrationState) -> FittedCalibration:
        from zoo_calibration.isotonic import Curve

        return Curve.from_state(state)
