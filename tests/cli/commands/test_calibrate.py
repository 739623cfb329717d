"""`zoo evaluate --calibrate`: another calibration, its report, and what becomes of the threshold."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

NAMES = {"expected-calibration-error", "log-loss"}


@pytest.fixture
def run(trained, tmp_path):
    return Path(shutil.copytree(trained, tmp_path / "copy"))


def stored(run):
    return json.loads((run / "calibration.json").read_bytes())


def test_stores_another_calibration_and_says_what_it_changes(zoo, run):
    answer = zoo("evaluate", run, "--calibrate", "platt")
    assert (answer.code, answer.out.splitlines()[0].split("\t")) == (0, ["metric", "before", "after"])
    assert {line.split("\t")[0] for line in answer.out.splitlines()[1:]} == NAMES
    assert "platt" in answer.err and f"fitted on 600 rows of val; stored in {run}" in answer.err
    assert stored(run)["calibrator"] == {"use": "platt"} and stored(run)["rows"] == 600
    slope = stored(run)["state"]["slope"]
    assert f"platt {slope:.4g}" in answer.err


def test_none_gives_the_probabilities_of_the_loss(zoo, run):
    before = zoo("predict", run, "Cold and bland.", "--json").json
    answer = zoo("evaluate", run, "--calibrate", "none", "--json")
    assert answer.json["calibration"] is None and set(answer.json["after"]) == NAMES
    after = zoo("predict", run, "Cold and bland.", "--json").json
    assert before != after
    again = zoo("evaluate", run, "--calibrate", '{use = "temperature"}', "--json").json
    assert again["before"] == answer.json["after"]
    assert again["calibration"]["state"] == stored(run)["state"]
    assert zoo("predict", run, "Cold and bland.", "--json").json == before


def test_a_threshold_of_other_probabilities_is_reset(zoo, run):
    zoo("evaluate", run, "--set-threshold", "0.3")
    answer = zoo("evaluate", run, "--calibrate", "isotonic", "--json")
    assert "the stored decision was chosen for other probabilities" in answer.err
    assert json.loads((run / "decision.json").read_bytes())["threshold"] == 0.5
    answer = zoo("evaluate", run, "--json")
    assert (answer.code, "not used" in answer.err) == (0, False)


def test_the_data_file_is_not_needed(zoo, run, tmp_path):
    values = json.loads((run / "result.json").read_bytes())["data"]
    assert values["origin"] == "sample"
    assert zoo("evaluate", run, "--calibrate", "temperature", "--on", "val").code == 0
    assert stored(run)["split"] == "val"


@pytest.mark.parametrize("method", ["temperature", "platt", "isotonic"])
def test_few_rows_are_a_warning_and_one_class_is_rejected(zoo, refused, run, method):
    before = stored(run)
    Path("one.csv").write_text("review,rating\n" + "nice,positive\n" * 40, "utf-8")
    call = ("evaluate", run, "--calibrate", method, "--data")
    refused(zoo(*call, "one.csv"), 3, 'one.csv: a calibration cannot be fitted on rows of "positive" alone')
    assert stored(run) == before
    Path("few.csv").write_text("review,rating\ngood food,positive\nbad food,negative\n", "utf-8")
    answer = zoo(*call, "few.csv")
    assert (answer.code, "fitted on 2 rows: other rows may need another one" in answer.err) == (0, True), answer


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("nonsense",), 'unknown calibrator "nonsense"'),
        (("temperatures",), 'did you mean "temperature"?'),
        (('{use = "temperature", prior = -1}',), "prior"),
        (("platt", "--by-class"), "--calibrate prints its own report"),
        (("platt", "--find-threshold", "f1"), "--calibrate prints its own report"),
    ],
)
def test_rejects_what_is_not_a_calibrator(zoo, run, more, said):
    before = stored(run)
    answer = zoo("evaluate", run, "--calibrate", *more)
    assert answer.code == 2 and said in answer.err
    assert stored(run) == before
