"""The expected calibration error before and after a calibration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve
from torch import Tensor

from zoo_core.components.head import Head
from zoo_core.evaluation.calibration import CalibrationBins, confidence_and_correct
from zoo_core.evaluation.evaluator import hard_labels
from zoo_core.features.batches import EncodedSplit
from zoo_core.runs.calibration.stored import Calibration


def calibration_error(head: Head, scores: Tensor, targets: Tensor) -> float:
    """The expected calibration error of the probabilities of scores `(rows, outputs)`, with ten bins."""
    confidence, correct = confidence_and_correct(head.probabilities(scores.double()), targets)
    return CalibrationBins.from_confidence(confidence, correct).expected_calibration_error()


def calibration_summary(
    head: Head, scores: Mapping[str, Tensor], splits: Mapping[str, EncodedSplit]
) -> dict[str, Any] | None:
    """What the summary of a run says about its calibration: None without one.

    The errors are those of the test split, without and with it.
    """
    calibration = head.calibration
    if not isinstance(calibration, Calibration):
        return None
    split = "test" if "test" in scores else "val"
    targets = hard_labels(splits[split].targets)
    before, after = (calibration_error(used, scores[split], targets) for used in (evolve(head, calibration=None), head))
    return {
        "calibrator": calibration.calibrator.name,
        "fitted": calibration.describe(),
        "split": split,
        "expected_calibration_error": {"before": before, "after": after},
    }
