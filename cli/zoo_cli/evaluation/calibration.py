"""`zoo evaluate --calibrate`: another calibration for a trained run, with what it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo_cli.output import print_json, print_note, print_table, print_warning

FEW_ROWS = 30  # to fit a calibration on

if TYPE_CHECKING:
    from zoo_core.runs.calibration.recalibration import Recalibration
    from zoo_core.runs.run import Run


def calibrate_run(run: Run, method: str, data: list[str] | None, on: str, *, as_json: bool) -> None:
    """Fit a calibrator on the validation rows, or on those of `data`, store it, and print what it changes."""
    from zoo_core.runs.calibration import recalibration
    from zoo_core.runs.validation.tuning_scores import tuning_scores

    calibrator = recalibration.find_calibrator(run, method)
    found = recalibration.fit_again(run, calibrator, tuning_scores(run, data, split=on))
    decision = run.head.decision
    changed = recalibration.save_calibration(run, found)
    if found.scored.split == "test":
        print_warning("the calibration was fitted on the test split: its probabilities look better there than they are")
    if decision != changed.head.decision:
        now = changed.head.decision.describe()
        was = f"the stored decision was chosen for other probabilities: {now} is predicted again"
        print_note(f"{was} (hint: --find-threshold METRIC chooses another)")
    _warn_of_few_rows(found)
    if as_json:
        stored = found.calibration.to_dict() if found.calibration else None
        print_json({"calibration": stored, **found.change.to_dict()})
        return
    described = found.calibration.describe() if found.calibration else "no calibration"
    print_note(f"{described}; stored in {run.folder}")
    _print_change(found)


def _warn_of_few_rows(found: Recalibration) -> None:
    """Warn of fewer rows than any calibrator was measured with, and of probabilities that become worse."""
    from zoo_core.messages import pluralize
    from zoo_core.runs.calibration.report import LOG_LOSS

    before, after = (quality.values[LOG_LOSS] for quality in (found.change.before, found.change.after))
    rows = pluralize(len(found.scored.targets), "row")
    if found.calibration is not None and len(found.scored.targets) < FEW_ROWS:
        print_warning(f"the calibration was fitted on {rows}: other rows may need another one")
    elif found.calibration is not None and after > before:
        values = f"from {before:.4f} to {after:.4f}"
        print_warning(f"the log-loss rises {values} on rows that were not fitted on: {rows} may be too few")


def _print_change(found: Recalibration) -> None:
    """Print the quality before and after, each value with its interval."""
    from zoo_core.evaluation.intervals.interval import format_figure

    change = found.change
    rows = [
        (name, *(format_figure(one.values[name], one.intervals.get(name)) for one in (change.before, change.after)))
        for name in change.after.values
    ]
    print_table(["metric", "before", "after"], rows)
