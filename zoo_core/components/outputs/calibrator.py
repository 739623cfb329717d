"""The contract of calibrators. Nothing here imports torch, so that listing components is fast."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from zoo_core.components.component import Component

if TYPE_CHECKING:
    import torch

    from zoo_core.components.protocols import CalibrationState, FittedCalibration


class Calibrator(Component):
    """A correction of the probabilities of a trained model, fitted on the validation split.

    It gets log-probabilities, so that it suits every loss that gives probabilities. They are at least -10,000; a loss
    that gives probabilities itself may give 0, which counts as 2⁻⁶⁴.

    Attributes:
        labels: `"binary"` if it takes two classes only, else `"any"`.
        keeps_labels: `True` if the more probable of two classes stays the more probable one; of more classes, it always
            does. Else a fit to validation rows undoes what class weights and balanced samplers raise.
        calibrates: `False` if probabilities stay as they are, so that nothing is fitted or stored.
    """

    required_methods = ("fit", "restore")
    labels: ClassVar[Literal["binary", "any"]] = "any"
    keeps_labels: ClassVar[bool] = False
    calibrates: ClassVar[bool] = True

    def fit(self, log_probabilities: torch.Tensor, targets: torch.Tensor) -> FittedCalibration:
        """The calibration of log-probabilities `(rows, classes)` float64 and class indices `(rows,)` int64.

        There is at least one row. The rows may be few, all right, or of one class: probabilities are finite, above 0
        and below 1 even then. Called once at the end of training, on the CPU, for a few rows before the first epoch,
        and by `zoo evaluate --calibrate`."""
        raise NotImplementedError

    def restore(self, state: CalibrationState) -> FittedCalibration:
        """The calibration whose `state` this is.

        Called when a run is opened. The state is that of a file which anyone may have changed: raise ValueError for
        values that `fit` cannot give."""
        raise NotImplementedError
