"""The fit of a calibrator on scored rows, with what a plugin's calibrator returns checked."""

from __future__ import annotations

import torch
from torch import Tensor

from zoo_core.components.contracts import Calibrator
from zoo_core.components.head import Head
from zoo_core.components.protocols import FittedCalibration
from zoo_core.config.zoo import Zoo
from zoo_core.plugins.attribution import contract_error
from zoo_core.plugins.registry import Registry
from zoo_core.runs.calibration.by_label import LabelCalibrations
from zoo_core.runs.calibration.stored import (
    Calibration,
    calibration_problem,
    is_plain_state,
    labels_problem,
    make_calibration,
)
from zoo_core.runs.predictions import ScoredSplit

MAX_SUM_ERROR = 1e-6  # of the probabilities of a row
TRIED_LOGITS = (-2.0, 0.5, 1.0)  # of the preflight check


def fit_calibration(zoo: Zoo, calibrator: Calibrator, head: Head, scored: ScoredSplit) -> Calibration | None:
    """A calibrator fitted on scored rows; None if it has nothing to do.

    That is so if it leaves probabilities as they are, the loss gives none, there are no rows, or the targets are
    probabilities, which a calibration to labels would make more extreme. PluginError if it breaks its contract.
    """
    is_soft = head.form.are_probabilities(scored.loss_targets)
    if not calibrator.calibrates or calibration_problem(head) or is_soft or not len(scored.scores):
        return None
    log_probabilities = head.log_probabilities(scored.scores.cpu())
    fitted = fit_checked(zoo.registry, calibrator, head, log_probabilities, scored.targets.cpu())
    return make_calibration(zoo, calibrator, fitted, source=scored.source, split=scored.split, rows=len(scored.scores))


def fit_checked(
    registry: Registry, calibrator: Calibrator, head: Head, log_probabilities: Tensor, targets: Tensor
) -> FittedCalibration:
    """Fit a calibrator on the log-probabilities of a head and the labels of the rows; several labels each by itself.

    PluginError for a state that cannot be stored, or for what are not probabilities.
    """
    if head.targets == "single-label":
        return _fit_classes(registry, calibrator, log_probabilities, targets)
    parts = zip(log_probabilities.unbind(1), targets.long().unbind(1), strict=True)
    return LabelCalibrations(tuple(_fit_classes(registry, calibrator, *part) for part in parts))


def _fit_classes(
    registry: Registry, calibrator: Calibrator, log_probabilities: Tensor, targets: Tensor
) -> FittedCalibration:
    """Fit a calibrator on log-probabilities `(rows, classes)` and class indices `(rows,)`."""
    fitted = calibrator.fit(log_probabilities, targets)
    if not is_plain_state(fitted.state()):
        raise contract_error(registry, calibrator, "its state is not finite numbers and lists of them")
    probabilities = fitted.probabilities(log_probabilities)
    if not isinstance(probabilities, Tensor) or probabilities.shape != log_probabilities.shape:
        shape = tuple(probabilities.shape) if isinstance(probabilities, Tensor) else type(probabilities).__name__
        expected = tuple(log_probabilities.shape)
        raise contract_error(registry, calibrator, f"its probabilities are {shape}, expected {expected}")
    is_valid = (probabilities >= 0).all() and ((probabilities.sum(dim=1) - 1).abs() < MAX_SUM_ERROR).all()
    if not is_valid:
        raise contract_error(registry, calibrator, "the rows of its probabilities do not sum to 1, or some are below 0")
    return fitted


def check_calibrator(registry: Registry, calibrator: Calibrator, head: Head) -> None:
    """Fit a calibrator on a few rows, before the first epoch. PluginError if it breaks its contract."""
    if calibrator.calibrates and not calibration_problem(head) and not labels_problem(calibrator, head):
        classes = head.form.num_answers(len(head.classes))
        targets = torch.arange(2 * classes) % classes
        logits = torch.tensor(TRIED_LOGITS, dtype=torch.float64).repeat(classes)[: 2 * classes]
        log_probabilities = torch.zeros(2 * classes, classes, dtype=torch.float64)
        log_probabilities[torch.arange(2 * classes), targets] = logits
        _fit_classes(registry, calibrator, log_probabilities.log_softmax(dim=1), targets)
