"""`zoo runs`: the order, what differs from the recipe, metrics, filters, and swaps."""

from __future__ import annotations

import json
import os
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from zoo_core.filesystem.writing import write_file
from zoo_core.runs.sealed_json import to_sealed_json

SETTINGS = ("--set", "training.epochs=1", "--set", "vectorizer.cutoff=0")


@pytest.fixture(scope="module")
def kept(tmp_path_factory, zoo):
    """A run of another optimizer that monitors F1."""
    folder = tmp_path_factory.mktemp("kept")
    rows = ["rating,review", *(f"{label},{word} soup {i}" for i in range(20) for label, word in CLASSES)]
    (folder / "reviews.csv").write_text("\n".join([*rows, ""]), encoding="utf-8")
    options = (*SETTINGS, "--optimizer", "sgd", "--set", "optimizer.momentum=0.5", "--set", "training.monitor=f1")
    answer = zoo("train", "yelp-perceptron", "--data", folder / "reviews.csv", *options, "--run", folder / "run")
    assert answer.code == 0, answer.err
    return folder


CLASSES = (("positive", "good"), ("negative", "bad"))


def copy_run(kept, name, seconds):
    shutil.copytree(kept / "run", Path("runs") / name)
    os.utime(Path("runs") / name / "manifest.json", (seconds, seconds))


def names(answer):
    return [Path(row["run"]).name for row in answer.json]


def test_newest_is_last_and_numbers_are_in_order(zoo, kept):
    for name, seconds in (("yelp-10", 100.2), ("yelp-2", 100.7), ("a", 200), ("b", 50)):
        copy_run(kept, name, seconds)
    assert names(zoo("runs", "--json")) == ["b", "yelp-2", "yelp-10", "a"]
    assert names(zoo("runs", "--json", "--sort", "name")) == ["a", "b", "yelp-2", "yelp-10"]


def test_row_has_changes_data_and_metrics(zoo, kept):
    copy_run(kept, "one", 100)
    (row,) = zoo("runs", "--json").json
    metrics = json.loads((kept / "run/result.json").read_text(encoding="utf-8"))["metrics"]
    assert row["changes"] == {
        "vectorizer.cutoff": 0,
        "optimizer": "sgd",
        "optimizer.momentum": 0.5,
        "training.epochs": 1,
        "training.monitor": "f1",
    }
    assert row["data"] == str(kept / "reviews.csv") and row["metrics"] == metrics
    interval = row["intervals"]["test"]["f1"]
    expected = {"name": "f1", "split": "test", "value": metrics["test"]["f1"], "interval": interval}
    assert row["monitored"] == expected
    assert interval[0] <= metrics["test"]["f1"] <= interval[1]
    header, cells = (line.split("\t") for line in zoo("runs").out.splitlines())
    shown = dict(zip(header, cells, strict=True))
    for column, name in (("monitored", "f1"), ("metric", "accuracy")):
        low, high = row["intervals"]["test"][name]
        assert shown[column] == f"test {name} {metrics['test'][name]:.4f} ({low:.4f} to {high:.4f})"
    assert "optimizer=sgd optimizer.momentum=0.5 training.epochs=1" in shown["changes"]


def test_runs_are_filtered(zoo, kept):
    copy_run(kept, "one", 100)
    for options, count in (
        (("--recipe", "yelp-perceptron", "--data", "reviews.csv"), 1),
        (("--data", kept / "reviews.csv"), 1),
        (("--recipe", "yelp-mlp"), 0),
        (("--data", "views.csv"), 0),
    ):
        assert len(zoo("runs", "--json", *options).json) == count


def test_swaps_are_listed_and_mentioned(zoo, kept):
    copy_run(kept, "one", 100)
    design = {"recipe": "yelp-mlp", "variants": [{"name": "relu"}, {"name": "tanh"}], "data": {"source": "r.csv"}}
    for name in ("mlp-1", "mlp-2"):
        (Path("swaps") / name / "trials").mkdir(parents=True)
        write_file(Path("swaps") / name / "swap.json", to_sealed_json(design))
    Path("swaps/mlp-1/table.json").write_text("{}", encoding="utf-8")
    Path("swaps/mlp-2/swap.json").write_text("{}", encoding="utf-8")
    shutil.copytree(kept / "run", "swaps/mlp-1/trials/t")
    assert zoo("runs").lines[-1] == "zoo: 2 swaps in swaps: list with zoo runs swaps"
    first, second = zoo("runs", "swaps", "--json", "--sort", "name").json
    assert (first["state"], first["recipe"], first["data"]) == ("swap", "yelp-mlp", "r.csv")
    assert first["changes"] == {"variants": ["relu", "tanh"]} and second["state"].startswith("corrupt: ")
    assert names(zoo("runs", "swaps/mlp-1", "--json")) == names(zoo("runs", "swaps/mlp-1/trials/t", "--json")) == ["t"]


def test_unknown_recipe_has_no_changes(zoo, kept):
    copy_run(kept, "one", 100)
    run = Path("runs/one/result.json")
    content = run.read_text(encoding="utf-8")
    assert zoo("runs", "--json").json[0]["changes"]
    manifest = Path("runs/one/manifest.json")
    changed = content.replace('"yelp-perceptron"', '"nowhere"').encode()
    text = manifest.read_text(encoding="utf-8").replace(
        sha256(content.encode()).hexdigest(), sha256(changed).hexdigest()
    )
    run.write_bytes(changed)
    manifest.write_text(text, encoding="utf-8")
    assert zoo("runs", "--json").json[0]["changes"] is None and "\tnowhere\t?\t" in zoo("runs").out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--recipe", "yelp-percptron"), 'of recipe "yelp-percptron" in runs (hint: did you mean "yelp-perceptron"?)'),
        (("--data", "reviewss.csv"), 'on "reviewss.csv" in runs (hint: did you mean "reviews.csv"?)'),
        (("--data", "reviews.csv", "--recipe", "zzz"), 'of recipe "zzz" on "reviews.csv" in runs (hint: choose from '),
    ],
)
def test_filters_that_select_nothing_name_what_there_is(zoo, kept, given, said):
    copy_run(kept, "a", 5)
    answer = zoo("runs", *given, "--json")
    assert (answer.code, answer.json) == (0, [])
    assert answer.err.startswith(f"no runs {said}")
    assert zoo("runs", *given).out == ""
