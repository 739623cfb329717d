"""A run is calibrated again: in memory or in its folder, both files or none, and by an honest measure."""

from __future__ import annotations

import pickle

import pytest
import torch
from attrs import evolve

from zoo_core.components.decisions.decision import Decision
from zoo_core.errors import InputOutputError, RecipeError
from zoo_core.runs import amend
from zoo_core.runs.calibration.recalibration import find_calibrator, fit_again, save_calibration
from zoo_core.runs.calibration.report import ERROR, CalibrationQuality, cross_calibrated
from zoo_core.runs.decisions.choose import save_decision
from zoo_core.runs.decisions.stored import StoredDecision
from zoo_core.runs.load import open_run
from zoo_core.runs.predictions import ScoredSplit
from zoo_core.runs.store import read_run
from zoo_core.runs.views.changes import changes_since_training

TEXTS = ["good warm food", "cold rude staff"]


def test_calibrating_in_memory_leaves_the_folder(folder, zoo):
    run, before = open_run(folder, zoo=zoo), read_run(folder)
    other = run.calibrate("platt")
    assert other.head.calibration.calibrator.name == "platt" and read_run(folder) == before
    again = pickle.loads(pickle.dumps(other))  # noqa: S301
    assert torch.equal(again.predict(TEXTS).values, other.predict(TEXTS).values)
    assert run.calibrate("none").head.calibration is None


def test_storing_replaces_the_calibration_and_the_decision_at_once(folder, zoo, monkeypatch):
    run = save_decision(open_run(folder, zoo=zoo), StoredDecision(Decision.of_threshold(0.25)))
    before = read_run(folder)

    def fail(path, *args, **kwargs):
        if "decision" in path.name:
            raise OSError(28, "No space left on device")
        return written(path, *args, **kwargs)

    written = amend.write_file
    monkeypatch.setattr(amend, "write_file", fail)
    with pytest.raises(InputOutputError):
        run.calibrate("isotonic", store=True)
    assert read_run(folder) == before
    monkeypatch.undo()
    changed = run.calibrate("isotonic", store=True)
    opened = open_run(folder, zoo=zoo)
    assert changed.head.decision == opened.head.decision == Decision() and opened.decision == changed.decision
    assert opened.head.calibration == changed.head.calibration
    assert changes_since_training(opened) == []
    assert open_run(save_none(opened), zoo=zoo).head.calibration is None


def test_a_decision_by_costs_stays(folder, zoo):
    run = open_run(folder, zoo=zoo).with_costs({"fn": 4, "fp": 1})
    assert run.calibrate("platt").head.decision == run.head.decision


def save_none(run):
    return save_calibration(run, fit_again(run, find_calibrator(run, "none"), run.stored_validation)).folder


def test_an_unsuitable_calibrator_is_rejected(trained):
    three = evolve(trained, head=evolve(trained.head, classes=("a", "b", "c"), link="softmax", outputs=3))
    with pytest.raises(RecipeError, match=r'"platt" is for two classes, the run has 3 \(hint: use none, temperature\)'):
        find_calibrator(three, "platt")
    without = evolve(trained, head=evolve(trained.head, link="none"))
    with pytest.raises(RecipeError, match="gives no probabilities"):
        find_calibrator(without, "temperature")


def test_rows_are_measured_with_a_calibration_of_others(trained, registry):
    """Rows without any information: a fit on them seems to help, and does not."""
    generator = torch.Generator().manual_seed(3)
    scored = ScoredSplit(torch.randn(60, 1, generator=generator), torch.arange(60) % 2, "here", "val")
    calibrator = find_calibrator(trained, "isotonic")
    found = fit_again(trained, calibrator, scored)
    seen = found.calibration.probabilities(trained.head.log_probabilities(scored.scores))
    of_others = cross_calibrated(registry, calibrator, trained.head, scored)
    assert CalibrationQuality.measure(trained.head, seen, scored.targets).values[ERROR] < 0.05
    assert found.change.after == CalibrationQuality.measure(trained.head, of_others, scored.targets)
    assert found.change.after.values[ERROR] > 0.05
