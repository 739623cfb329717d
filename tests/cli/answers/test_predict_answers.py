"""`zoo predict` with abstaining and prediction sets: the columns, the notes, and what is rejected."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import shutil
from pathlib import Path

import polars as pl
import pytest

from zoo_core import open_run
from zoo_core.data.delimited.list_cells import join_lists, split_list

TEXTS = ("great lovely food", "rude staff", "the food", "zzzz")
ALL = ("--abstain-below=0.7", "--coverage=0.9")


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_a_text_of_low_probability_gets_no_label(zoo, trained):
    answer = zoo("predict", trained, *TEXTS, "--abstain-below=0.7", "--json")
    expected = zoo("predict", trained, *TEXTS, "--json").json
    for row, plain in zip(answer.json, expected, strict=True):
        is_sure = plain[f"p_{plain['label']}"] >= 0.7
        assert row == {**plain, "label": plain["label"] if is_sure else None, "abstained": not is_sure}
    abstained = sum(row["abstained"] for row in answer.json)
    assert 0 < abstained < len(TEXTS)
    assert f"not answered: {abstained} of 4 texts" in answer.err
    assert [row["label"] for row in rows(zoo("predict", trained, *TEXTS, "--abstain-below=0.7").out)] == [
        row["label"] or "" for row in answer.json
    ]


def test_every_text_or_none_is_answered_at_the_ends(zoo, trained):
    everything = zoo("predict", trained, *TEXTS, "--abstain-below=0.01")
    assert [row["abstained"] for row in rows(everything.out)] == ["false"] * 4
    assert "not answered" not in everything.err
    assert all(not row["label"] for row in rows(zoo("predict", trained, *TEXTS, "--abstain-below=1").out))


def test_the_best_labels_are_kept_beside_an_empty_one(zoo, trained):
    found = zoo("predict", trained, *TEXTS, "--top=2", *ALL, "--columns=none", "--json").json
    assert all(list(row) == ["label", "p", "label_2", "p_2", "abstained", "labels"] for row in found)
    assert all((row["label"] is None) == (row["p"] < 0.7) == row["abstained"] for row in found)


def test_the_threshold_decides_which_probability_counts(zoo, trained):
    found = zoo("predict", trained, *TEXTS, "--threshold=0.1", "--abstain-below=0.7", "--json").json
    for row in found:
        predicted = "positive" if row["p_positive"] >= 0.1 else "negative"
        assert row["abstained"] == (row[f"p_{predicted}"] < 0.7)
        assert row["label"] in (None, predicted)


def test_an_accuracy_chooses_the_confidence_and_says_what_it_measured(zoo, trained):
    answer = zoo("predict", trained, *TEXTS, "--accuracy=0.93", "--json")
    note = answer.lines[0]
    found = re.fullmatch(
        r"abstaining below (\S+): accuracy (\S+) \((\S+) to \S+\) on the answered share (\S+) \(\S+ to \S+\) of "
        r"600 validation rows",
        note,
    )
    assert found, note
    threshold, accuracy, low, share = map(float, found.groups())
    assert accuracy > low >= 0.93
    assert 0 < share < 1
    assert [row["abstained"] for row in answer.json] == [
        max(row["p_negative"], row["p_positive"]) < threshold for row in answer.json
    ]
    assert zoo("predict", trained, *TEXTS, f"--abstain-below={threshold}", "--json").json == answer.json
    assert zoo("predict", trained, "good", "--accuracy=0.5").lines[0].startswith("without abstaining: accuracy 0.9")


def test_sets_are_lists_in_json_and_joined_cells_in_csv(zoo, trained):
    answer = zoo("predict", trained, *TEXTS, "--coverage=0.97", "--json")
    assert "labels in a prediction set, on average" in answer.err
    for row in answer.json:
        assert row["label"] == row["labels"][0]
        assert len(set(row["labels"])) == len(row["labels"]) <= 2
    sets = [row["labels"] for row in answer.json]
    assert {len(one) for one in sets} == {1, 2}
    cells = [row["labels"] for row in rows(zoo("predict", trained, *TEXTS, "--coverage=0.97").out)]
    assert [split_list(cell) for cell in cells] == sets
    assert "negative|positive" in cells or "positive|negative" in cells
    for suffix, read in (("jsonl", pl.read_ndjson), ("parquet", pl.read_parquet), ("arrow", pl.read_ipc)):
        zoo("predict", trained, *TEXTS, "--coverage=0.97", "-o", f"out.{suffix}")
        assert read(f"out.{suffix}")["labels"].to_list() == sets


@pytest.mark.parametrize("items", [["a|b", "c"], ["a", "b|c"], ["\\", "|"], ["\\|"], ["", "a"], ["a\\"], ["=1", "b"]])
def test_joined_labels_are_never_confused(items):
    cell = join_lists(pl.DataFrame({"labels": [items]}))["labels"][0]
    assert split_list(cell) == items


def test_batches_of_a_file_and_columns_of_the_same_names(zoo, trained, monkeypatch):
    monkeypatch.setattr("zoo_cli.commands.predict.BATCH_ROWS", 3)
    lines = [{"labels": str(n), "abstained": "x", "review": TEXTS[n % 4]} for n in range(10)]
    Path("in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    answer = zoo("predict", trained, "--data", "in.jsonl", *ALL, "--json")
    expected = zoo("predict", trained, *TEXTS, *ALL, "--json").json
    for n, row in enumerate(answer.json):
        assert (row["labels"], row["abstained"]) == (str(n), "x")
        assert row["predicted_labels"] == expected[n % 4]["labels"]
        assert (row["label"], row["predicted_abstained"]) == (expected[n % 4]["label"], expected[n % 4]["abstained"])
    assert '"abstained" as "predicted_abstained"' in answer.err
    assert "of 10 texts" in answer.err


def test_formulas_in_joined_labels_are_escaped(zoo):
    text = "".join(f"{('=1+1', '-b')[n % 2]},{('bad', 'good')[n % 2]} food {n}\n" for n in range(80))
    Path("in.csv").write_text("rating,review\n" + text, encoding="utf-8")
    assert zoo("train", "yelp-perceptron", "--data", "in.csv", "--run=run", "--set=training.epochs=1").code == 0
    answer = zoo("predict", "run", "good food", "--coverage=0.9", "--escape-formulas", "--columns=none")
    (row,) = rows(answer.out)
    assert all(row[name].startswith("'") for name in ("label", "labels"))


REJECTED = [
    (("--abstain-below=0",), 2, 'got "0", expected a number above 0 and up to 1'),
    (("--abstain-below=1.5",), 2, 'got "1.5"'),
    (("--abstain-below=nan",), 2, 'got "nan"'),
    (("--abstain-below=x",), 2, "--abstain-below"),
    (("--accuracy=0",), 2, "'--accuracy': got \"0\", expected a number above 0 and below 1"),
    (("--accuracy=1",), 2, 'got "1"'),
    (("--accuracy=nan",), 2, 'got "nan"'),
    (("--coverage=1.5",), 2, "'--coverage': got \"1.5\""),
    (("--coverage=inf",), 2, 'got "inf"'),
    (("--coverage=0.999",), 2, "coverage 0.999 needs 999 validation rows: the run stores 600 rows (hint: ask for less"),
    (("--coverage=0.998", "--by-class"), 2, "coverage 0.998 needs 499 validation rows of a class"),
    (("--accuracy=0.9", "--abstain-below=0.9"), 2, "use only one of --abstain-below and --accuracy"),
    (("--by-class",), 2, "--by-class is of prediction sets: add --coverage"),
    (("--accuracy=0.9999",), 2, "no confidence threshold reaches an accuracy of 0.9999: the best that 600 validation"),
]


@pytest.mark.parametrize(("given", "code", "said"), REJECTED)
def test_what_cannot_be_kept_is_rejected_before_anything_is_written(zoo, refused, trained, given, code, said):
    refused(zoo("predict", trained, "good food", *given, "-o", "out.csv"), code, said)
    assert not list(Path().iterdir())


def test_a_run_without_validation_scores_says_what_to_do(zoo, trained):
    folder = Path(shutil.copytree(trained, "old"))
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    del manifest["files"]["validation.safetensors"]
    text = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    (folder / "manifest.json").write_text(text, "utf-8")
    for option in ("--accuracy=0.9", "--coverage=0.9"):
        answer = zoo("predict", folder, "good", option)
        assert (answer.code, len(answer.lines), answer.out) == (4, 1, "")
        assert "the run has no stored validation scores (hint: train it again)" in answer.err
    assert zoo("predict", folder, "good", "--abstain-below=0.9").code == 0


def test_python_gives_the_same(zoo, trained):
    run = open_run(trained)
    found = run.predict(TEXTS, accuracy=0.93, coverage=0.97, by_class=True)
    answer = zoo("predict", trained, *TEXTS, "--accuracy=0.93", "--coverage=0.97", "--by-class", "--json").json
    assert found.labels == [row["label"] for row in answer]
    assert found.label_sets == [row["labels"] for row in answer]
    assert found.abstained.tolist() == [row["abstained"] for row in answer]
    empty = run.predict([], abstain_below=0.9, coverage=0.9)
    assert (empty.labels, empty.label_sets) == ([], [])
    plain = run.predict(TEXTS)
    assert (plain.abstained, plain.sets) == (None, None)
    with pytest.raises(Exception, match="no prediction sets were asked for"):
        plain.label_sets  # noqa: B018
    for wrong in ({"accuracy": math.nan}, {"by_class": True}, {"accuracy": 0.9, "abstain_below": 0.9}):
        with pytest.raises(Exception, match=r"got nan|needs the coverage|only one of the two"):
            run.predict(TEXTS, **wrong)
