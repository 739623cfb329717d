"""Calibrators: corrections of predicted probabilities, fitted on the validation split."""

from __future__ import annotations

from zoo_calibration.binary import Isotonic, Platt
from zoo_calibration.calibrators import NoCalibration, Temperature
from zoo_core import Calibrator, hookimpl


@hookimpl
def zoo_calibrators() -> list[type[Calibrator]]:
    return [NoCalibration, Temperature, Platt, Isotonic]
