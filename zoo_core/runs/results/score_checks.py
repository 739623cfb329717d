"""Checks of the scores of a split: accuracy beside a constant answer, calibration, and what a mean metric means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from attrs import frozen
from torch import Tensor

from zoo_core.components.contracts import Metric
from zoo_core.components.head import Head
from zoo_core.components.kinds import setting_values
from zoo_core.components.metric_names import metric_label
from zoo_core.data.findings import Finding, Severity
from zoo_core.evaluation.baseline import majority_baseline
from zoo_core.evaluation.calibration import CalibrationBins, calibration_noise, confidence_and_correct
from zoo_core.evaluation.intervals.calibration_error import calibration_error_interval
from zoo_core.evaluation.intervals.interval import format_figure, interval_list, wilson_interval
from zoo_core.messages import join_names, pluralize, quote_name, suggest_command
from zoo_core.recipes.flat_keys import format_toml

SIGNIFICANCE = 0.05  # of an accuracy above that of a constant answer
NOISE_ERRORS = 3  # standard errors above the calibration error of perfect probabilities …
LARGE_CALIBRATION_ERROR = 0.05  # … and so much above it, for a warning
MAX_NAMES = 6  # of classes in a message


@frozen(eq=False)
class ScoredRows:
    """Scores `(rows, outputs)` and true classes `(rows,)` of some rows; `place` names them, `run` is the run folder."""

    head: Head
    scores: Tensor
    targets: Tensor
    place: str
    run: str

    def command(self, name: str, options: str) -> str:
        """A command for the run, to paste; "" if the name of its folder cannot be suggested."""
        command = suggest_command(name, PurePath(self.run))
        return f"{command} {options}" if command else ""


def check_missing(rows: ScoredRows) -> Iterator[Finding]:
    """Classes without rows: their metrics are undefined and use a default value."""
    counts = rows.head.form.class_rows(rows.targets, len(rows.head.classes)).tolist()
    missing = [label for label, count in zip(rows.head.classes, counts, strict=True) if not count]
    if missing:
        message = f"no rows of class {join_names(missing, MAX_NAMES)}: some metrics are undefined and use a default"
        yield Finding("missing-class", message, hint="see zoo show metric NAME", count=len(missing))


def check_baseline(rows: ScoredRows) -> Iterator[Finding]:
    """The accuracy, beside that of always answering the most frequent class; a warning if it is not clearly better.

    Rows of a single class show nothing.
    """
    form = rows.head.form
    if len(form.row_codes(rows.targets).unique()) < 2:
        return
    found = majority_baseline(rows.head, rows.head.predict(rows.scores), rows.targets)
    label = quote_name(found.majority)
    accuracy, share = (
        format_figure(value, interval_list(wilson_interval(value * found.rows, found.rows)))
        for value in (found.accuracy, found.share)
    )
    message = f"accuracy {accuracy} on {rows.place}; always answering {label} gives {share}"
    if found.p < SIGNIFICANCE:
        yield Finding("majority", message, "note")
        return
    message = f"{message}: not clearly better on {pluralize(found.rows, 'row')}"
    command = rows.command("zoo evaluate", "--by-class")
    yield Finding("majority", message, hint=f"{command} shows the classes that are missed" if command else "")


def check_calibration(rows: ScoredRows, *, too_high: str = "", too_low: str = "") -> Iterator[Finding]:
    """Probabilities that are further from the observed frequencies than chance explains.

    A note if they are too low, which misleads nobody. `too_high` and `too_low` are hints.
    """
    if not (rows.head.has_probabilities and len(rows.targets)):
        return
    probabilities = rows.head.probabilities(rows.scores.double())
    confidence, correct = confidence_and_correct(probabilities, rows.targets)
    bins = CalibrationBins.from_confidence(confidence, correct)
    error, interval = bins.expected_calibration_error(), interval_list(calibration_error_interval(bins))
    noise, deviation = calibration_noise(confidence)
    if error < noise + max(NOISE_ERRORS * deviation, LARGE_CALIBRATION_ERROR):
        return
    form = rows.head.form
    severity: Severity
    how, severity, hint = form.too_unsure, "note", too_low
    if form.surplus_confidence(probabilities, rows.targets) > 0:
        how, severity, hint = form.too_confident, "warning", too_high
    message = (
        f"the probabilities are badly calibrated on {rows.place}: {how}; expected calibration error "
        f"{format_figure(error, interval, digits=3)}, by chance {noise:.3f}"
    )
    yield Finding("calibration", message, severity, hint or rows.command("zoo plot run", "--only reliability"))


def check_averages(rows: ScoredRows, metrics: Sequence[Metric]) -> Iterator[Finding]:
    """Metrics that are a mean over the classes, where a class of few rows counts as much as one of many."""
    num_classes = len(rows.head.classes)
    macro = [metric for metric in metrics if _is_macro(metric, rows.head)]
    if not macro:
        return
    names = join_names([metric_label(metric) for metric in macro])
    verb = "are means" if len(macro) > 1 else "is the mean"
    message = f"{names} {verb} over {num_classes} classes (macro): a class of few rows counts as much as one of many"
    weighted = [_written(metric, {"average": "weighted"} if metric in macro else {}) for metric in metrics]
    option = suggest_command("--set", f"training.metrics={format_toml(weighted)}")
    hint = f"{option} weights classes by rows" if option else ""
    yield Finding("macro-average", message, "note", hint)


def _written(metric: Metric, changes: Mapping[str, Any]) -> str | dict[str, Any]:
    """A metric with these changes as a recipe has it: its name, or a table of the settings that are not the default."""
    values, default = {**setting_values(metric), **changes}, setting_values(type(metric)())
    changed = {key: value for key, value in values.items() if value != default[key]}
    return {"use": metric.name, **changed} if changed else metric.name


def _is_macro(metric: Metric, head: Head) -> bool:
    average, of = getattr(metric, "average", ""), getattr(metric, "of", "")
    return not of and (average == "macro" or (average == "auto" and head.form.num_answers(len(head.classes)) > 2))
