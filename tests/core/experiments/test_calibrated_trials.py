"""A swap compares calibrated probabilities."""

from __future__ import annotations

import json

import pytest

from zoo_core import swap


def test_a_calibrator_changes_the_metric_that_is_compared(small, reviews, tmp_path):
    recipe = small().override('training.metrics=["accuracy", "brier"]', "training.epochs=1")
    found = swap(recipe, "calibrator=none,temperature", data=reviews, seeds=1, metric="brier", run=tmp_path / "swap")
    [without, calibrated] = found.frame()["brier"].to_list()
    assert without != pytest.approx(calibrated)
    records = [json.loads(path.read_text()) for path in (tmp_path / "swap" / "records").glob("*.json")]
    values = [record["metrics"]["brier"] for record in records]
    assert sorted([without, calibrated]) == pytest.approx(sorted(values))
