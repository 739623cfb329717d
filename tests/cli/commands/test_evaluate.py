"""`zoo evaluate` by class and with thresholds."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from rich.cells import cell_len
from sklearn import metrics

from tests.warm.command import zoo_command

ONE_OF = {"threshold": "0.3", "find-threshold": "f1", "set-threshold": "0.5"}


@pytest.fixture
def run(trained, tmp_path):
    """A copy of the trained run, to store a threshold in."""
    return Path(shutil.copytree(trained, tmp_path / "copy"))


@pytest.fixture(scope="module")
def languages(zoo, tmp_path_factory):
    """A run of twenty classes, half of them rare, and the file it was trained on."""
    home = tmp_path_factory.mktemp("languages")
    names = [f"language-{at}" for at in range(18)] + [
        "日本語日本語日本語日本語",
        "one-whose-name-goes-on-and-on-and-on",
    ]
    lines = [f"{name},w{at} w{row % 7}\n" for at, name in enumerate(names) for row in range(60 if at % 2 else 9)]
    (home / "texts.csv").write_text("label,text\n" + "".join(lines))
    made = ("--set", "training.epochs=3", "--set", "vectorizer.cutoff=0", "--set", "optimizer.lr=0.01")
    assert zoo("train", "text-mlp", "--data", home / "texts.csv", *made, "--run", home / "run").code == 0
    return home / "run"


def tables(text):
    """The tab-separated tables of an output, separated by blank lines."""
    return [list(csv.DictReader(io.StringIO(part), delimiter="\t")) for part in text.split("\n\n")]


def labels(zoo, run, *given):
    """The true and the predicted labels of the test split."""
    found = zoo("evaluate", run, "--by-class", "--json", *given).json["confusion"]
    pairs = [
        (true, called)
        for true, row in zip(found["classes"], found["counts"], strict=True)
        for called, count in zip(found["classes"], row, strict=True)
        for _ in range(count)
    ]
    return zip(*pairs, strict=True)


@pytest.mark.parametrize("name", ["trained", "languages"])
def test_by_class_equals_scikit_learn(zoo, request, name):
    run = request.getfixturevalue(name)
    found = zoo("evaluate", run, "--by-class", "--json").json
    true, called = labels(zoo, run)
    report = metrics.classification_report(true, called, output_dict=True, zero_division=0)
    for one in found["by_class"]:
        own = report[one["label"]]
        expected = [own["precision"], own["recall"], own["f1-score"], own["support"]]
        assert [one[key] for key in ("precision", "recall", "f1", "rows")] == pytest.approx(expected)
    assert [one["label"] for one in found["by_class"]] == found["confusion"]["classes"]
    assert found["rows"] == len(true)
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(true, called))
    figures, classes, matrix = tables(zoo("evaluate", run, "--by-class").out)
    assert [row["metric"] for row in figures] == ["rows", *found["intervals"]]
    columns = [column for key in ("precision", "recall", "f1") for column in (key, f"{key} 95% CI")]
    assert [list(row) for row in classes[:1]] == [["class", *columns, "rows"]]
    for row, one in zip(classes, found["by_class"], strict=True):
        assert (row["class"], row["rows"], row["f1"]) == (one["label"], str(one["rows"]), f"{one['f1']:.4f}")
        low, high = one["intervals"]["f1"]
        assert row["f1 95% CI"] == f"{low:.4f} to {high:.4f}"
        assert low <= one["f1"] <= high
    assert [list(row.values()) for row in matrix] == [
        [name, *map(str, row)]
        for name, row in zip(found["confusion"]["classes"], found["confusion"]["counts"], strict=True)
    ]
    assert list(matrix[0]) == ["true \\ predicted", *found["confusion"]["classes"]]


@pytest.mark.parametrize("columns", [60, 100])
def test_twenty_classes_fit_a_terminal(zoo, languages, columns):
    found = zoo("evaluate", languages, "--by-class", "--json").json
    lines = on_a_terminal(columns, "evaluate", languages, "--by-class", "--quiet")
    assert max(map(cell_len, lines)) <= columns
    for at, (name, row) in enumerate(zip(found["confusion"]["classes"], found["confusion"]["counts"], strict=True), 1):
        cells = [line.split()[2:] for line in lines if line.startswith(f"{at:>4} {name[:4]}")]
        assert [0 if cell == "·" else int(cell) for part in cells for cell in part] == row, name
    for one in found["by_class"]:
        numbers = [f"{one[key]:.4f}" for key in ("precision", "recall", "f1")]
        assert any(
            [cell for cell in line.split()[-7:] if "…" not in cell][-4:] == [*numbers, str(one["rows"])]
            for line in lines
        ), one
        for key in ("precision", "recall", "f1"):
            ends = one["intervals"][key]
            assert any((f"{ends[0]:.3f}…{ends[1]:.3f}" if ends else "–") in line for line in lines), one


def on_a_terminal(columns, *arguments):
    """The output lines of a command on a terminal of this width, without color."""
    pty = pytest.importorskip("pty", reason="pseudo-terminals of POSIX")
    ours, theirs = pty.openpty()
    variables = {**os.environ, "COLUMNS": str(columns), "NO_COLOR": "1", "TERM": "xterm"}
    command = zoo_command(*map(str, arguments))
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=variables) as child:
        os.close(theirs)
        result = b""
        try:
            while piece := os.read(ours, 65536):
                result += piece
        except OSError:  # the other side was closed
            pass
    os.close(ours)
    assert child.returncode == 0, result.decode()
    return re.sub("\r|\x1b\\[[0-9;]*m", "", result.decode()).splitlines()


def test_missing_classes_are_reported(zoo, trained):
    Path("one.csv").write_text("review,rating\n" + "the food was great,positive\n" * 3, encoding="utf-8")
    answer = zoo("evaluate", trained, "--data", "one.csv", "--by-class")
    assert (answer.code, len(answer.lines)) == (0, 1)
    assert answer.err.startswith("zoo: warning: no rows of class negative: some metrics are undefined")
    assert "nan" not in answer.out
    assert tables(answer.out)[1][0] == {
        "class": "negative",
        "precision": "0.0000",
        "precision 95% CI": "–",
        "recall": "0.0000",
        "recall 95% CI": "–",
        "f1": "0.0000",
        "f1 95% CI": "–",
        "rows": "0",
    }


def test_names_of_classes_and_metrics_are_escaped(zoo, tmp_path):
    escape, shown = "b\x1b[31m", "b\\x1b[31m"
    lines = [f"{('[red]a', escape)[at % 2]},word{at % 2} {at}\n" for at in range(60)]
    Path("texts.csv").write_text("label,text\n" + "".join(lines), encoding="utf-8")
    listed = f"training.metrics=[{{use='f1', of='[red]a'}}, {{use='f1', of={json.dumps(escape)}}}]"
    made = ("--data", "texts.csv", "--set", listed, "--set", "training.epochs=1", "--run", tmp_path / "run")
    assert f"f1[of={shown}] " in zoo("train", "text-mlp", *made).err
    answer = zoo("evaluate", tmp_path / "run", "--by-class")
    assert "\x1b" not in answer.out + answer.err
    assert f"f1[of={shown}]\t" in answer.out
    assert f"true \\ predicted\t[red]a\t{shown}\n" in answer.out
    assert f"f1[of={escape}]" in zoo("evaluate", tmp_path / "run", "--json").json  # data is not escaped
    drawn = "\n".join(on_a_terminal(100, "evaluate", tmp_path / "run", "--by-class"))
    assert all(name in drawn for name in ("f1[of=[red]a]", f"f1[of={shown}]", "1 [red]a", f"2 {shown}"))


def test_find_threshold_stores_the_best_on_validation_rows(zoo, run):
    before = zoo("evaluate", run, "--json").json
    at_first = zoo("evaluate", run, "--on", "val", "--json").json
    answer = zoo("evaluate", run, "--find-threshold", "{use='recall', of='negative'}", "--json")
    found, kept = answer.json, json.loads((run / "decision.json").read_bytes())
    assert (answer.code, kept["threshold"], kept["choice"]) == (0, found["threshold"], found["choice"])
    assert found["choice"] == {
        "metric": "recall[of=negative]",
        "metric_value": 1.0,
        "source": "the synthetic sample",
        "split": "val",
        "rows": 600,
    }
    assert {finding["check"] for finding in at_first.pop("findings")} >= {"majority"}
    at_half = found["at_0.5"]
    assert [at_half[name] for name in ("rows", "loss", "f1")] == [at_first[name] for name in ("rows", "loss", "f1")]
    assert all(at_half["intervals"][name] == ends for name, ends in at_first["intervals"].items())
    result = f"threshold {found['threshold']}, of the best recall[of=negative] on val of the synthetic sample"
    assert answer.err == f"{result}, 600 rows; stored in {run}\n"
    after = zoo("evaluate", run, "--json")
    assert (after.err, after.json["threshold"]) == (f"{result}\n", found["threshold"])
    assert after.json["f1"] != before["f1"]
    assert after.json["loss"] == before["loss"]
    assert zoo("evaluate", run).lines[0] == result
    assert zoo("evaluate", run, "--threshold", "0.5", "--json").json == before  # for one call
    assert zoo("runs", run, "--json").json[0]["state"] == "finished"


def test_find_threshold_prints_both_columns(zoo, run):
    answer = zoo("evaluate", run, "--find-threshold", "f1")
    [rows] = tables(answer.out)
    value = json.loads((run / "decision.json").read_bytes())["threshold"]
    assert list(rows[0]) == ["metric", "at 0.5", "at 0.5 95% CI", f"at {value}", f"at {value} 95% CI"]
    f1 = next(row for row in rows if row["metric"] == "f1")
    assert float(f1[f"at {value}"]) >= float(f1["at 0.5"])


def test_predict_explain_and_plot_use_the_stored_threshold(zoo, run):
    texts = ["The food was great.", "Rude staff and cold soup.", "zzzz", ""]
    first = zoo("predict", run, *texts).out
    kept = zoo("evaluate", run, "--set-threshold", "0.9")
    assert (kept.code, kept.out, kept.err) == (0, "", f"threshold 0.9 stored in {run}\n")
    chances = [float(row["p_positive"]) for row in csv.DictReader(io.StringIO(first))]
    rows = list(csv.DictReader(io.StringIO(zoo("predict", run, *texts).out)))
    assert [row["label"] for row in rows] == [("negative", "positive")[chance >= 0.9] for chance in chances]
    assert [float(row["p_positive"]) for row in rows] == chances
    assert zoo("predict", run, *texts, "--threshold", "0.5").out == first
    assert [zoo("explain", run, text, "--json").json["label"] for text in texts] == [row["label"] for row in rows]
    drawn = zoo("plot", "run", run, "--only", "confusion", "--json")
    assert drawn.json["confusion"] == zoo("evaluate", run, "--by-class", "--json").json["confusion"]
    assert drawn.err == "threshold 0.9\n"
    assert zoo("evaluate", run, "--set-threshold", "0.5", "--json").json == {"threshold": 0.5}
    assert zoo("predict", run, *texts).out == first
    assert [line.split()[0] for line in zoo("evaluate", run).lines] == ["accuracy"]


def test_test_split_is_used_only_on_request(zoo, run):
    answer = zoo("evaluate", run, "--find-threshold", "f1", "--on", "test", "--json")
    assert answer.json["choice"]["split"] == "test"
    assert "zoo: warning: the threshold was chosen on the test split" in answer.err


REFUSED = [
    (("--find-threshold", "roc-auc"), 2, 'metric "roc-auc" is the same at every threshold'),
    (("--find-threshold", "f3"), 2, 'unknown metric "f3"'),
    (("--find-threshold", "{use='f1', of='neutral'}"), 2, 'of: unknown class "neutral"'),
    (("--find-threshold", "f1", "--data", "none.csv"), 3, "none.csv: there is no such file"),
    (("--find-threshold", "f1", "--data", "one.csv"), 3, 'cannot be chosen on rows of "positive" alone'),
    (("--set-threshold", "nan"), 2, "nan"),
    (("--set-threshold", "1.5"), 2, "1.5"),
    (("--set-threshold", "0.5", "--by-class"), 2, "does not evaluate"),
    (("--threshold", "0.3", "--find-threshold", "f1"), 2, "use only one of"),
]


@pytest.mark.parametrize(("given", "code", "said"), REFUSED, ids=[" ".join(row[0]) for row in REFUSED])
def test_rejected_call_leaves_the_run_unchanged(zoo, refused, run, given, code, said):
    Path("one.csv").write_text("review,rating\n" + "the food was great,positive\n" * 3, encoding="utf-8")
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    refused(zoo("evaluate", run, *given), code, said)
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before


@pytest.mark.parametrize("option", ONE_OF)
def test_threshold_needs_two_classes(zoo, refused, languages, option):
    if option != "find-threshold":
        answer = zoo("evaluate", languages, f"--{option}", "0.3")
        refused(answer, 2, "a threshold needs two classes and a loss that gives probabilities")


def test_threshold_needs_probabilities(zoo, refused, reviews, tmp_path):
    made = ("--set", "loss=mse", "--set", "vectorizer.cutoff=0", "--set", "training.epochs=1")
    assert zoo("train", "yelp-perceptron", "--data", reviews, *made, "--run", tmp_path / "mse").code == 0
    answer = zoo("evaluate", tmp_path / "mse", "--find-threshold", "f1")
    refused(answer, 2, "a threshold needs a loss that gives probabilities")


REST = ', "thresholds": null, "costs": null, "by_cost": false, "calibration": "", "choice": null}'
HOSTILE = {
    "nan": '{"threshold": NaN' + REST,
    "too much": '{"threshold": 2' + REST,
    "a text": '{"threshold": "0.5"' + REST,
    "unknown": '{"threshold": 0.5, "code": "x"' + REST,
    "unlisted": '{"threshold": 0.5' + REST,
}


@pytest.mark.parametrize("content", HOSTILE)
@pytest.mark.parametrize("command", [("evaluate",), ("predict", "a text"), ("explain",)])
def test_invalid_threshold_file_is_one_error(zoo, refused, run, content, command):
    data = HOSTILE[content].encode()
    (run / "decision.json").write_bytes(data)
    if content != "unlisted":
        manifest = json.loads((run / "manifest.json").read_bytes())
        manifest["files"]["decision.json"] = sha256(data).hexdigest()
        (run / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    name, *rest = command
    refused(zoo(name, run, *rest), 4, "decision.json")
