"""Calibrators for any number of classes. torch is imported by the modules that compute."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from attrs import frozen

from zoo_core import CalibrationState, Calibrator, FittedCalibration, setting
from zoo_core.components.validators import not_negative

if TYPE_CHECKING:
    import torch


@frozen
class NoCalibration(Calibrator):
    """Probabilities as the loss gives them.

    Source: none."""

    name = "none"
    keeps_labels = True
    calibrates: ClassVar[bool] = False

    def fit(self, log_probabilities: torch.Tensor, targets: torch.Tensor) -> FittedCalibration:
        from zoo_calibration.fitted import Unchanged

        return Unchanged()

    def restore(self, state: CalibrationState) -> FittedCalibration:
        from zoo_calibration.fitted import Unchanged

        return Unchanged()


@frozen
class Temperature(Calibrator):
    """softmax(log p / T), with the temperature T between 0.05 and 20 that gives the validation rows the least log-loss.

    The log-loss has `prior` more rows, with the probabilities of the model itself as their targets, so that few rows
    move T little from 1. Predicted labels do not change at a threshold of 0.5.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks"; the prior is textzoo's."""

    name = "temperature"
    keeps_labels = True
    prior: float = setting(20.0, "how many rows a temperature of 1 counts for", not_negative)

    def fit(self, log_probabilities: torch.Tensor, targets: torch.Tensor) -> FittedCalibration:
        from zoo_calibration.temperature import Scaled, find_temperature

        return Scaled(find_temperature(log_probabilities, targets, prior=self.prior))

    def restore(self, state: CalibrationState) -> FittedCalibration:
        from zoo_calibration.temperature import Scaled

        return Scaled.from_state(state)
