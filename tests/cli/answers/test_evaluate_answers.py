"""`zoo evaluate` with abstaining and prediction sets: measured shares, with intervals."""

from __future__ import annotations

from pathlib import Path

import pytest

from zoo_core import open_run

WORDS = ("bad", "good")


def test_the_answered_share_and_its_accuracy(zoo, trained):
    answer = zoo("evaluate", trained, "--abstain-below=0.8", "--json")
    run, found = open_run(trained), answer.json["answered"]
    scored = run.score_split()
    confidence, predicted = run.head.probabilities(scored.scores).max(dim=1)
    is_answered = confidence >= 0.8
    assert found["rows"] == int(is_answered.sum())
    assert found["share"] == pytest.approx(float(is_answered.double().mean()))
    assert found["accuracy"] == pytest.approx(float((predicted == scored.targets)[is_answered].double().mean()))
    assert found["abstain_below"] == 0.8
    for name, (low, high) in found["intervals"].items():
        assert low < found[name] < high
    assert "sets" not in answer.json
    printed = zoo("evaluate", trained, "--abstain-below=0.8").out
    assert f"answered share\t{found['share']:.4f}\t" in printed
    assert f"accuracy if answered\t{found['accuracy']:.4f}\t" in printed


def test_no_row_is_answered(zoo, trained):
    answer = zoo("evaluate", trained, "--abstain-below=1", "--json")
    assert (answer.json["answered"]["rows"], answer.json["answered"]["accuracy"]) == (0, None)
    assert "accuracy if answered\t–\t" in zoo("evaluate", trained, "--abstain-below=1").out


def test_an_accuracy_is_measured_on_other_rows_than_it_was_chosen_on(zoo, trained):
    answer = zoo("evaluate", trained, "--accuracy=0.93", "--json")
    found = answer.json["answered"]
    assert found["target"] == 0.93
    assert "of 600 validation rows" in answer.lines[0]
    assert found["accuracy"] > 0.93
    warning = "measured on the validation rows that the choice was made on"
    assert warning not in answer.err
    assert warning in zoo("evaluate", trained, "--accuracy=0.93", "--on=val").err
    assert warning not in zoo("evaluate", trained, "--abstain-below=0.9", "--on=val").err


@pytest.mark.parametrize("by_class", [False, True])
def test_coverage_and_size_of_sets(zoo, trained, by_class):
    given = ("--coverage=0.95", *(["--by-class"] if by_class else []))
    answer = zoo("evaluate", trained, *given, "--json")
    found, classes = answer.json["sets"], answer.json["sets"]["by_class"]
    assert found["target"] == 0.95
    assert found["coverage"] == pytest.approx(0.95, abs=0.04)
    assert 1 <= found["mean_size"] <= 2
    assert [own["label"] for own in classes] == ["negative", "positive"]
    covered = sum(own["rows"] * own["coverage"] for own in classes)
    assert covered == pytest.approx(found["rows"] * found["coverage"])
    assert all(low < own["coverage"] < high for own in classes for low, high in [own["intervals"]["coverage"]])
    printed = zoo("evaluate", trained, *given).out
    assert f"coverage\t{found['coverage']:.4f}\t" in printed
    assert f"labels in a set\t{found['mean_size']:.4f}" in printed
    assert ("class\tcoverage\t95% CI\tlabels\trows" in printed) == by_class


def test_a_low_coverage_gives_each_row_its_label(zoo, trained):
    found = zoo("evaluate", trained, "--coverage=0.5", "--json").json
    assert found["sets"]["mean_size"] == 1
    assert found["sets"]["coverage"] == pytest.approx(found["accuracy"])


def test_decisions_need_no_data_file(zoo):
    rows = "".join(f"{n % 2},{WORDS[n % 2]} food {n}\n" for n in range(90))
    Path("in.csv").write_text(f"rating,review\n{rows}", encoding="utf-8")
    assert zoo("train", "yelp-perceptron", "--data=in.csv", "--run=run", "--set=training.epochs=2").code == 0
    Path("in.csv").unlink()
    assert zoo("evaluate", "run", "--coverage=0.8").code == 3
    for given in (("predict", "run", "good", "--coverage=0.8"), ("evaluate", "run", "--find-threshold=f1")):
        answer = zoo(*given)
        assert answer.code == 0, answer.err
    errors = zoo("evaluate", "run", "--find-threshold=f1", "--errors")  # lists texts, which the run does not store
    assert (errors.code, len(errors.lines)) == (3, 1)
    assert "the file that the run was trained on is missing" in errors.err


def test_storing_a_threshold_does_not_evaluate(zoo, trained):
    answer = zoo("evaluate", trained, "--set-threshold=0.5", "--coverage=0.9")
    assert (answer.code, len(answer.lines)) == (2, 1)
