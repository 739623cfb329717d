"""All checks of a finished training, run one by one: none of them may spoil the training that it describes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from torch import Tensor

from zoo_core.components.head import Head
from zoo_core.data.findings import Finding, by_severity
from zoo_core.messages import suggest_command
from zoo_core.recipes.compatibility import raised_classes
from zoo_core.recipes.plan import Plan
from zoo_core.runs.results.score_checks import ScoredRows, check_averages, check_baseline, check_calibration
from zoo_core.training.findings.course_checks import check_epochs, check_losses, exploded_loss
from zoo_core.training.findings.data_checks import (
    check_balance,
    check_cut_texts,
    check_features,
    check_label_sets,
    check_leaks,
    check_missing_classes,
    check_rare_classes,
    check_spellings,
    check_unknown_texts,
)
from zoo_core.training.findings.record import TrainingRecord, make_record
from zoo_core.training.loop import TrainingResult
from zoo_core.training.preparation import PreparedData

Check = Callable[[TrainingRecord], Iterator[Finding]]


def find_problems(
    plan: Plan, prepared: PreparedData, head: Head, result: TrainingResult, scores: Mapping[str, Tensor], folder: str
) -> list[Finding]:
    """What a finished training shows, the most serious first. `scores` are those of the evaluated splits by name.

    Nothing that a plugin's component does here ends the training: a check that fails finds nothing.
    """
    try:
        record = make_record(plan, prepared, head, result, scores, folder)
    except Exception:
        return []
    return by_severity([finding for check in CHECKS for finding in _run_check(check, record)])


def _run_check(check: Check, record: TrainingRecord) -> list[Finding]:
    try:
        return list(check(record))
    except Exception:
        return []


def _check_accuracy(record: TrainingRecord) -> Iterator[Finding]:
    return check_baseline(_scored(record))


def _check_probabilities(record: TrainingRecord) -> Iterator[Finding]:
    if exploded_loss(record) is not None:
        return iter(())
    training, epochs = record.plan.training, len(record.result.history)
    too_high = "" if training.monitor == "loss" else "--set training.monitor=loss keeps the epoch with the best ones"
    if raising := raised_classes(record.plan):
        too_high = f"{raising[0]} changes them; a threshold or costs change the decision alone"
    too_low = suggest_command("--set", record.longer_training()) if record.result.best_epoch == epochs else ""
    return check_calibration(_scored(record), too_high=too_high, too_low=too_low)


def _check_metrics(record: TrainingRecord) -> Iterator[Finding]:
    return check_averages(_scored(record), record.plan.training.metrics)


def _scored(record: TrainingRecord) -> ScoredRows:
    return ScoredRows(record.head, record.scores, record.targets, record.evaluated, record.folder)


CHECKS: tuple[Check, ...] = (
    check_features,
    check_rare_classes,
    check_balance,
    check_missing_classes,
    check_spellings,
    check_label_sets,
    check_leaks,
    check_unknown_texts,
    check_cut_texts,
    check_epochs,
    check_losses,
    _check_accuracy,
    _check_probabilities,
    _check_metrics,
)
