"""How well probabilities are calibrated, before and after a calibration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from attrs import evolve, frozen
from torch import Tensor

from zoo_core.components.contracts import Calibrator
from zoo_core.components.head import Head
from zoo_core.evaluation.calibration import CalibrationBins, confidence_and_correct
from zoo_core.evaluation.intervals.calibration_error import calibration_error_interval
from zoo_core.evaluation.intervals.estimates import UNBOUNDED
from zoo_core.evaluation.intervals.rows import row_intervals
from zoo_core.features.batches import EncodedSplit
from zoo_core.plugins.registry import Registry
from zoo_core.runs.calibration.fitting import fit_checked
from zoo_core.runs.calibration.stored import Calibration
from zoo_core.runs.predictions import ScoredSplit
from zoo_core.seeds import make_generator

FOLDS = 10
ERROR, LOG_LOSS = "expected-calibration-error", "log-loss"
MIN_PROBABILITY = 1e-300  # of the true class, in a log-loss


@frozen
class CalibrationQuality:
    """How good probabilities are: values by name, and the 95 % intervals of some of them."""

    values: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]

    @classmethod
    def measure(cls, head: Head, probabilities: Tensor, targets: Tensor) -> CalibrationQuality:
        """The expected calibration error, with ten bins, and the log-loss of probabilities `(rows, classes)`."""
        bins = CalibrationBins.from_confidence(*confidence_and_correct(probabilities, targets))
        true = head.form.right_probabilities(probabilities.double(), targets).clamp(min=MIN_PROBABILITY)
        losses = -true.log().mean(dim=1)
        values = {ERROR: bins.expected_calibration_error(), LOG_LOSS: float(losses.mean())}
        keys = [head.form.row_codes(targets).cpu().numpy(), losses.cpu().numpy()]
        [of_loss] = row_intervals(lambda rows: [float(losses[rows].mean())], [values[LOG_LOSS]], keys, UNBOUNDED)
        found = {ERROR: calibration_error_interval(bins), LOG_LOSS: of_loss}
        return cls(values, {name: (ends.low, ends.high) for name, ends in found.items() if ends is not None})


@frozen
class CalibrationChange:
    """The quality of probabilities without and with a calibration, on the same rows."""

    before: CalibrationQuality
    after: CalibrationQuality

    def to_dict(self) -> dict[str, Any]:
        """The values as JSON."""
        intervals = {"before": self.before.intervals, "after": self.after.intervals}
        shown = {moment: {name: list(ends) for name, ends in found.items()} for moment, found in intervals.items()}
        return {"before": dict(self.before.values), "after": dict(self.after.values), "intervals": shown}


def cross_calibrated(registry: Registry, calibrator: Calibrator | None, head: Head, scored: ScoredSplit) -> Tensor:
    """The probabilities `(rows, classes)` of rows that are calibrated by a fit on other ones, in ten folds.

    None leaves them as the loss gives them. So the rows on which a calibrator is fitted say how well it does on others.
    """
    log_probabilities, targets = head.log_probabilities(scored.scores), scored.targets
    rows = len(targets)
    if calibrator is None or rows < 2:
        return head.uncalibrated_probabilities(scored.scores.double())
    places = torch.randperm(rows, generator=make_generator(0, "calibration", "folds"))
    probabilities = torch.empty(rows, len(head.classes), dtype=log_probabilities.dtype)
    for fold in places.chunk(min(FOLDS, rows)):
        others = torch.ones(rows, dtype=torch.bool)
        others[fold] = False
        fitted = fit_checked(registry, calibrator, head, log_probabilities[others], targets[others])
        probabilities[fold] = fitted.probabilities(log_probabilities[fold])
    return probabilities


def calibration_summary(
    head: Head, scores: Mapping[str, Tensor], splits: Mapping[str, EncodedSplit]
) -> dict[str, Any] | None:
    """What the summary of a run says about its calibration, on the test split; None without one."""
    calibration = head.calibration
    if not isinstance(calibration, Calibration):
        return None
    split = "test" if "test" in scores else "val"
    targets = head.form.labels(splits[split].targets)
    before, after = (
        CalibrationQuality.measure(head, used.probabilities(scores[split].double()), targets)
        for used in (evolve(head, calibration=None), head)
    )
    fitted = {"calibrator": calibration.calibrator.name, "fitted": calibration.describe(), "split": split}
    return {**fitted, **CalibrationChange(before, after).to_dict()}
