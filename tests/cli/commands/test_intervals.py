"""Intervals, the majority's share and the figures without leaked rows, as users of the commands see them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

WORDS = ("good", "fine", "bad", "poor")


def text_of(row):
    """A text that says its class, except for each ninth row."""
    is_good = (row % 2 == 0) != (row % 9 == 0)
    return f"{WORDS[(row // 2) % 2 + (0 if is_good else 2)]} meal {row}"


def write_file(path):
    """Rows with splits, of which some test texts are also in train."""
    lines = ["text,label,split"]
    for row in range(180):
        split = ("train", "train", "train", "val", "test", "test")[row // 2 % 6]
        text = text_of(row) if split != "test" or row // 2 % 6 == 4 else text_of(row - 10)
        lines.append(f"{text},{('good', 'bad')[row % 2]},{split}")
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def leaky(zoo, tmp_path_factory):
    """A run whose test split has 30 leaked texts, and the answer of its training."""
    home = tmp_path_factory.mktemp("leaky")
    write_file(home / "texts.csv")
    made = ("--data", home / "texts.csv", "--set", "training.epochs=4", "--run", home / "run")
    return home / "run", zoo("train", "text-fast", *made)


def test_training_prints_each_value_with_its_interval_on_a_short_line(leaky):
    run, answer = leaky
    summary = json.loads((run / "result.json").read_text())
    for split, metrics in summary["metrics"].items():
        for name, value in metrics.items():
            low, high = summary["intervals"][split][name]
            line = f"{split} {name} {value:.4f} ({low:.4f} to {high:.4f})"
            assert line in answer.lines
            assert len(line) <= 60
    share = summary["majority"]["test"]["share"]
    assert f"gives {share:.4f}" in answer.err


def test_training_has_the_figures_without_leaked_texts(leaky):
    run, answer = leaky
    summary = json.loads((run / "result.json").read_text())
    found = summary["without_leaked"]
    assert list(found) == ["test"]
    assert (found["test"]["leaked"], found["test"]["rows"]) == (30, 30)
    assert set(found["test"]["metrics"]) == set(found["test"]["intervals"]) == set(summary["metrics"]["test"])
    assert "test without 30 texts of an earlier split, 30 rows:" in answer.lines
    value, (low, high) = found["test"]["metrics"]["accuracy"], found["test"]["intervals"]["accuracy"]
    assert f"  test accuracy {value:.4f} ({low:.4f} to {high:.4f})" in answer.err.split("\n")


def test_evaluate_shows_the_same_beside_each_value(zoo, leaky):
    run, _ = leaky
    summary = json.loads((run / "result.json").read_text())
    found = zoo("evaluate", run, "--json").json
    assert found["intervals"] == summary["intervals"]["test"]
    assert found["majority"] == summary["majority"]["test"]
    assert found["without_leaked"] == summary["without_leaked"]["test"]
    [*rows] = csv.DictReader(io.StringIO(zoo("evaluate", run).out), delimiter="\t")
    assert list(rows[0]) == ["metric", "value", "95% CI", "without leaked", "without leaked 95% CI"]
    accuracy = next(row for row in rows if row["metric"] == "accuracy")
    low, high = found["intervals"]["accuracy"]
    assert accuracy["95% CI"] == f"{low:.4f} to {high:.4f}"
    assert accuracy["without leaked"] == f"{found['without_leaked']['metrics']['accuracy']:.4f}"


def test_a_moved_copy_of_the_data_has_the_same_leaks_and_another_file_has_none(zoo, leaky):
    run, _ = leaky
    data = (run.parent / "texts.csv").read_bytes()
    Path("copy.csv").write_bytes(data)
    Path("other.csv").write_bytes(data.replace(b"meal 4,", b"meal four,"))
    assert zoo("evaluate", run, "--data", "copy.csv", "--on", "test", "--json").json["without_leaked"]["leaked"] == 30
    for given in (("other.csv", "--on", "test"), ("copy.csv",)):
        assert "without_leaked" not in zoo("evaluate", run, "--data", *given, "--json").json


def test_one_row_has_no_interval(zoo, leaky):
    run, _ = leaky
    Path("one.csv").write_text("text,label\ngood meal,good\n", encoding="utf-8")
    found = zoo("evaluate", run, "--data", "one.csv", "--json").json
    assert set(found["intervals"].values()) == {None}
    assert "\t–" in zoo("evaluate", run, "--data", "one.csv").out


def test_runs_lists_intervals_also_beside_runs_that_have_none(zoo, leaky):
    run, _ = leaky
    [row] = zoo("runs", run, "--json").json
    low, high = row["intervals"]["test"]["accuracy"]
    assert f"test accuracy {row['metrics']['test']['accuracy']:.4f} ({low:.4f} to {high:.4f})" in zoo("runs", run).out


def test_a_page_of_a_run_has_intervals_of_its_areas_and_of_its_calibration(zoo, leaky):
    run, _ = leaky
    answer = zoo("plot", "run", run, "--only", "roc", "--only", "reliability")
    assert answer.code == 0
    for words in ("area under the curve (AUC): 0.", "expected calibration error (ECE): 0."):
        line = next(line for line in answer.out.splitlines() if words in line)
        assert " to 0." in line or " to 1." in line
