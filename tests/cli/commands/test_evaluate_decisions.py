"""`zoo evaluate` with thresholds by class and costs, and what other commands show of them."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

CLASSES = ("common", "odd one", "rare")
COSTS = {"common": {"odd one": 1, "rare": 1}, "odd one": {"common": 9, "rare": 9}, "rare": {"common": 9, "odd one": 1}}


@pytest.fixture
def run(trained, tmp_path):
    """A copy of a trained run of two classes, to store a decision in."""
    return Path(shutil.copytree(trained, tmp_path / "copy"))


@pytest.fixture(scope="module")
def made(zoo, tmp_path_factory):
    """A run of three uneven classes."""
    home = tmp_path_factory.mktemp("uneven")
    words = {"common": "bread soup", "rare": "soup fish", "odd one": "fish cake"}
    lines = [
        f"{label},{words[label].split()[at % 2]} n{at % 7}\n"
        for label, count in (("common", 240), ("rare", 60), ("odd one", 40))
        for at in range(count)
    ]
    (home / "texts.csv").write_text("label,text\n" + "".join(lines))
    settings = ("--set", "training.epochs=3", "--set", "vectorizer.cutoff=0", "--set", "optimizer.lr=0.003")
    assert zoo("train", "text-mlp", "--data", home / "texts.csv", *settings, "--run", home / "run").code == 0
    return home / "run"


@pytest.fixture
def three(made, tmp_path):
    """A copy of it."""
    return Path(shutil.copytree(made, tmp_path / "three"))


def stored(run):
    return json.loads((run / "decision.json").read_bytes())


def test_thresholds_by_class_are_found_stored_and_used(zoo, three):
    before = zoo("evaluate", three, "--json").json
    answer = zoo("evaluate", three, "--find-threshold", "f1", "--json")
    found = answer.json
    assert answer.code == 0, answer.err
    assert (found["choice"]["metric"], found["choice"]["split"], found["by_cost"]) == ("f1", "val", False)
    assert found["f1"] == pytest.approx(found["choice"]["metric_value"]) and found["f1"] > found["most_probable"]["f1"]
    assert found["out_of_fold"]["gain"] > found["out_of_fold"]["error"] > 0
    assert set(found["thresholds"]) == set(CLASSES) and stored(three)["thresholds"] == found["thresholds"]
    first, second = answer.lines[:2]
    assert first.startswith("thresholds by class, of the best f1 on val of ") and first.endswith(f"stored in {three}")
    assert second.startswith("on rows that the search did not see, f1 is ")
    after = zoo("evaluate", three, "--json")
    assert after.json["f1"] > before["f1"] and after.lines[0].startswith("thresholds by class, of the best f1")
    rows = list(csv.DictReader(io.StringIO(zoo("predict", three, "bread n1", "soup n2", "fish n1", "cake n3").out)))
    for row in rows:
        ratios = {label: float(row[f"p_{label}"]) / found["thresholds"][label] for label in CLASSES}
        assert row["label"] == max(ratios, key=ratios.__getitem__)
    shown = zoo("evaluate", three, "--find-threshold", "f1").out.splitlines()[0]
    assert [name for name in shown.split("\t") if "95%" not in name] == ["metric", "most probable", "by thresholds"]
    [row] = zoo("runs", three, "--json").json
    assert row["decision"] == "thresholds by class" and "thresholds by class" in zoo("runs", three).out
    compared = zoo("compare", three, three)
    assert f"{three}: thresholds by class, of the best f1" in compared.err


def test_a_decision_is_set_and_unset(zoo, three):
    given = zoo("evaluate", three, "--set-threshold", '{ common = 6, "odd one" = 1, rare = 3 }', "--json")
    assert given.json["thresholds"] == pytest.approx({"common": 0.6, "odd one": 0.1, "rare": 0.3})
    assert zoo("evaluate", three).lines[0] == "thresholds by class"
    unset = zoo("evaluate", three, "--set-threshold", "none")
    assert unset.err == f"the most probable class stored in {three}\n"
    assert "thresholds" not in zoo("evaluate", three).err


@pytest.mark.parametrize("form", ["toml", "csv"])
def test_costs_of_more_classes_are_in_a_file(zoo, three, form):
    if form == "csv":
        rows = [["true", *CLASSES], *([true, *(COSTS[true].get(at, 0) for at in CLASSES)] for true in CLASSES)]
        Path("costs.csv").write_text("\n".join(",".join(map(str, row)) for row in rows), "utf-8")
    else:
        tables = [
            "\n".join([f'["{true}"]', *(f'"{at}" = {cost}' for at, cost in COSTS[true].items())]) for true in COSTS
        ]
        Path("costs.toml").write_text("\n".join(tables), "utf-8")
    answer = zoo("evaluate", three, "--cost", f"costs.{form}", "--json")
    found = answer.json
    assert answer.code == 0, answer.err
    assert found["costs"] == {true: {**dict.fromkeys(CLASSES, 0), **COSTS[true]} for true in CLASSES}
    assert found["cost"] == pytest.approx(found["choice"]["metric_value"]) and found["choice"]["metric"] == "cost"
    assert found["cost"] < found["most_probable"]["cost"]
    after = zoo("evaluate", three, "--by-class", "--json").json
    expected = sum(
        count * COSTS[true].get(predicted, 0)
        for true, counts in zip(CLASSES, after["confusion"]["counts"], strict=True)
        for predicted, count in zip(CLASSES, counts, strict=True)
    )
    assert after["cost"] == pytest.approx(expected / after["rows"])
    again = zoo("evaluate", three, "--find-threshold", "cost", "--json").json
    assert (again["costs"], again["choice"]) == (found["costs"], found["choice"])


def test_costs_of_two_classes_give_a_threshold(zoo, run):
    answer = zoo("evaluate", run, "--cost", "{ fn = 9, fp = 1 }")
    threshold = stored(run)["threshold"]
    assert answer.code == 0 and threshold < 0.5
    assert answer.lines[0].startswith(f"threshold {threshold}, of the least mean cost on val of ")
    rows = {row["metric"]: row for row in csv.DictReader(io.StringIO(answer.out), delimiter="\t")}
    assert list(rows)[-1] == "cost" and float(rows["cost"][f"at {threshold}"]) <= float(rows["cost"]["at 0.5"])
    assert "cost\t" in zoo("evaluate", run).out
    assert stored(run)["costs"] == {
        "negative": {"negative": 0, "positive": 1},
        "positive": {"negative": 9, "positive": 0},
    }


REFUSED = [
    (("--find-threshold", "cost"), "the run has no costs of mistakes (hint: give them: --cost"),
    (("--find-threshold", "f1", "--cost", "{fn=1,fp=1}"), "--cost finds the least mean cost"),
    (("--cost", "{fn=1,fp=1}", "--threshold", "0.5"), "use only one of"),
    (("--cost", "{fn=1,fp=1}", "--set-threshold", "0.5"), "use only one of"),
    (("--cost", "{fn=1,fp=1}", "--at-least", "recall=1"), "--at-least is a condition of"),
    (("--cost", "{fn=1}"), "--cost: missing the cost of fp"),
    (("--cost", "{fn=1"), "--cost"),
    (("--cost", "{positive={negative=1}}"), "--cost: missing the costs of negative"),
    (("--set-threshold", "{positive=1}"), "missing the threshold of negative"),
    (("--set-threshold", "{positive=1, negtive=1}"), 'unknown class "negtive" (hint: did you mean "negative"?)'),
    (("--set-threshold", "{positive"), "--set-threshold"),
    (("--set-threshold", "much"), "much"),
]


@pytest.mark.parametrize(("given", "said"), REFUSED, ids=[" ".join(row[0]) for row in REFUSED])
def test_wrong_calls_leave_the_run_unchanged(zoo, refused, run, given, said):
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    refused(zoo("evaluate", run, *given), 2, said)
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before


def test_a_missing_or_invalid_file_of_costs(zoo, refused, run):
    refused(zoo("evaluate", run, "--cost", "costs.csv"), 3, "costs.csv: there is no such file")
    Path("costs.csv").write_text("true,negative,positive\nnegative,0,x\n", "utf-8")
    refused(zoo("evaluate", run, "--cost", "costs.csv"), 3, 'costs.csv:2: must be a number, not "x"')
    Path("costs.toml").write_text("fn = 1\nfp = \n", "utf-8")
    refused(zoo("evaluate", run, "--cost", "costs.toml"), 3, "costs.toml:2")


@pytest.mark.parametrize("choice", ["--find-threshold=f1", "--cost={ fn = 5, fp = 1 }"])
@pytest.mark.parametrize("answers", ["--coverage=0.9", "--accuracy=0.9", "--abstain-below=0.6"])
def test_stores_no_decision_together_with_answers(zoo, run, choice, answers):
    answer = zoo("evaluate", run, choice, answers)
    assert (answer.code, answer.out) == (2, "")
    assert "with a second command" in answer.err
    assert not (run / "decision.json").exists()


def test_costs_that_are_not_given_are_named(zoo, run):
    answer = zoo("evaluate", run, "--cost=")
    assert answer.code == 2
    assert "--cost: no costs are given" in answer.err
