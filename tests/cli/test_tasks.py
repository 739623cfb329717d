"""Every file layout that tasks read: train, evaluate and predict."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Zoo = Callable[..., Any]
DROPPED = "--set vectorizer=dense-columns replaces a component and drops its settings: vectorizer.cutoff"
FLOWERS = ("--set", "task=columns", "--set", "vectorizer=dense-columns", "--set", "optimizer.lr=0.05")
FEW = ("--set", "training.epochs=20")
BARE = ("--columns", "none")


def changes(*settings: str) -> list[str]:
    return [word for one in settings for word in ("--set", one)]


def write(name: str, lines: list[str]) -> None:
    Path(name).write_text("\n".join([*lines, ""]), "utf-8")


@pytest.fixture
def flowers() -> str:
    """Three classes that differ in the second column; the first column is large noise."""
    draw = random.Random(3)
    rows = [f"{draw.gauss(5000, 900):.1f},{draw.gauss(i % 3, 0.1):.4f},kind {i % 3}" for i in range(150)]
    write("flowers.csv", ["height (mm),width,kind", *rows])
    return "flowers.csv"


def test_numeric_columns_from_file_to_prediction(zoo: Zoo, flowers: str) -> None:
    kind = ("--set", "task.label=kind")
    answer = zoo("train", "text-mlp", "--data", flowers, *FLOWERS, *kind, *FEW, "--run", "r", "--json")
    assert (answer.code, answer.err) == (0, f"zoo: warning: {DROPPED}\n")
    result = answer.json
    assert (result["features"], result["classes"]) == (2, ["kind 0", "kind 1", "kind 2"])
    assert result["metrics"]["test"]["accuracy"] > 0.95
    assert zoo("evaluate", "r", "--json").json["accuracy"] == result["metrics"]["test"]["accuracy"]
    answer = zoo("predict", "r", *BARE, "width=2.02; height (mm)=4800", "height (mm)=6100; width=-0.1")
    assert [line.partition(",")[0] for line in answer.out.splitlines()[1:]] == ["kind 2", "kind 0"]
    write("new.csv", ["width,height (mm)", "1.01,5000", "0,1"])
    answer = zoo("predict", "r", *BARE, "--data", "new.csv")
    assert [line.partition(",")[0] for line in answer.out.splitlines()[1:]] == ["kind 1", "kind 0"]


def test_numeric_rows_through_a_pipe(zoo: Zoo, flowers: str) -> None:
    given = (*FLOWERS, *changes("task.label=kind"), *FEW)
    assert zoo("train", "text-mlp", "--data", flowers, *given, "--run", "r").code == 0
    result, columns = (
        b"width=2.1; height (mm)=5000\nheight (mm)=5000;width=0\n",
        b"width,height (mm)\n2.1,5000\n0,5000\n",
    )
    for lines in (result, columns):
        answer = zoo("predict", "r", *BARE, "--data", "-", stdin=lines)
        assert [line.partition(",")[0] for line in answer.out.splitlines()[1:]] == ["kind 2", "kind 0"]


def test_numbers_are_standardized_on_request(zoo: Zoo, flowers: str) -> None:
    """The noise column dominates unless both columns are standardized."""
    given = (
        "train",
        "text-mlp",
        "--data",
        flowers,
        *FLOWERS,
        *changes("task.label=kind", "training.epochs=5"),
        "--json",
    )
    raw = zoo(*given, "--set", "vectorizer.standardize=false").json["metrics"]["test"]["loss"]
    scaled = zoo(*given).json["metrics"]["test"]["loss"]
    assert scaled < 0.5 < raw


@pytest.mark.parametrize(
    ("cell", "line", "expected"),
    [
        ("many", 3, '"many" in column "b" is not a finite number'),
        ("", 3, '"" in column "b" is not a finite number'),
        ("1e999", 3, '"1e999" in column "b" is not a finite number'),
    ],
)
def test_invalid_number_is_rejected_with_its_line(zoo: Zoo, refused: Any, cell: str, line: int, expected: str) -> None:
    write("n.csv", ["a,b,label", "1,2,x", f"3,{cell},y", "5,6,x"])
    answer = zoo("train", "text-mlp", "--data", "n.csv", *FLOWERS)
    assert (answer.code, answer.out, answer.lines[:-1]) == (3, "", [f"zoo: warning: {DROPPED}"])
    assert answer.lines[-1].startswith(f"zoo: error: n.csv:{line}: {expected}") and "task.columns=" in answer.err


def test_numeric_run_rejects_words(zoo: Zoo, flowers: str) -> None:
    assert (
        zoo("train", "text-mlp", "--data", flowers, *FLOWERS, *changes("task.label=kind"), *FEW, "--run", "r").code == 0
    )
    for text, expected in (("great food", '"great food" is not a name'), ("width=2", '"height (mm)" is missing')):
        answer = zoo("predict", "r", *BARE, "height (mm)=1; width=1", text)
        assert (answer.code, answer.out) == (3, "")
        assert answer.err.startswith("zoo: error: row 2: ") and expected in answer.err
    write("new.csv", ["width,height (mm),note", "1,2,3"])
    answer = zoo("predict", "r", *BARE, "--data", "new.csv")
    assert answer.code == 3 and 'unknown column "note": not in the training data' in answer.err


def test_words_do_not_fit_numbers(zoo: Zoo, refused: Any, flowers: str) -> None:
    answer = zoo("train", "text-mlp", "--data", flowers, "--set", "task=columns")
    refused(answer, 2, 'task "columns" outputs numbers', "use vectorizer = dense-columns")


def test_title_and_body_are_joined(zoo: Zoo) -> None:
    rows = [(f"the {('cup', 'bank')[i % 2]}", f"day {i % 9}, no more", ("sport", "money")[i % 2]) for i in range(80)]
    out = io.StringIO()
    csv.writer(out).writerows([("title", "body", "desk"), *rows])
    Path("news.csv").write_text(out.getvalue(), encoding="utf-8")
    columns = changes('task.text=["title", "body"]', "task.label=desk", "task.joiner= / ", "vectorizer.cutoff=0")
    answer = zoo("train", "text-mlp", "--data", "news.csv", *columns, *FEW, "--run", "r", "--json")
    assert (answer.code, answer.err) == (0, "") and answer.json["metrics"]["test"]["accuracy"] == 1
    answer = zoo("predict", "r", *BARE, "--data", "news.csv")
    assert [line.partition(",")[0] for line in answer.out.splitlines()[1:]] == [row[2] for row in rows]
    write("lone.csv", ["title,desk", "the cup,sport"])
    answer = zoo("predict", "r", *BARE, "--data", "lone.csv")
    assert answer.code == 3 and 'missing column "body"' in answer.err


def soft_rows() -> list[str]:
    return [f"{('good', 'bad')[i % 2]} no {i},{i % 2 * 0.8 + 0.1:.1f},{0.9 - i % 2 * 0.8:.1f}" for i in range(80)]


def test_probabilities_as_targets(zoo: Zoo) -> None:
    write("soft.csv", ["text,p_bad,p_good", *soft_rows()])
    columns = changes('task.probabilities=["p_bad", "p_good"]', "vectorizer.cutoff=0", "optimizer.lr=0.05")
    answer = zoo("train", "text-mlp", "--data", "soft.csv", *columns, *FEW, "--run", "r", "--json")
    assert (answer.code, answer.err) == (0, "")
    result = answer.json
    assert result["classes"] == ["bad", "good"] and result["metrics"]["test"]["accuracy"] == 1
    assert zoo("evaluate", "r", "--json").json["loss"] == pytest.approx(result["metrics"]["test"]["loss"])
    answer = zoo("predict", "r", "good", "bad", "--format", "jsonl")
    good, bad = (json.loads(line) for line in answer.out.splitlines())
    assert (good["label"], bad["label"]) == ("good", "bad")
    assert 0.75 < good["p_good"] < 0.97 and 0.75 < bad["p_bad"] < 0.97  # as certain as the targets


def test_predictions_can_be_targets(zoo: Zoo) -> None:
    """The output of `predict` with its texts trains another model."""
    write("hard.csv", ["text,label", *(f"{('nice', 'poor')[i % 2]} {i},{('good', 'bad')[i % 2]}" for i in range(80))])
    few = changes("vectorizer.cutoff=0", "optimizer.lr=0.05")
    assert zoo("train", "text-mlp", "--data", "hard.csv", *few, *FEW, "--run", "teacher").code == 0
    assert zoo("predict", "teacher", "--data", "hard.csv", "--columns=text", "--output", "soft.csv").code == 0
    assert Path("soft.csv").read_text(encoding="utf-8").startswith("text,label,p_bad,p_good\nnice 0,good,")
    soft = ("--set", 'task.probabilities=["p_bad", "p_good"]')
    answer = zoo("train", "text-mlp", "--data", "soft.csv", *soft, *few, *FEW, "--run", "pupil", "--json")
    assert answer.code == 0 and answer.json["classes"] == ["bad", "good"]
    labels = ("--data", "hard.csv", "--set", "task.probabilities=[]")
    assert zoo("evaluate", "pupil", *labels, "--json").json["accuracy"] == 1


def test_probabilities_that_do_not_sum_to_one_are_rejected_with_their_line(zoo: Zoo, refused: Any) -> None:
    write("soft.csv", ["text,p_bad,p_good", *soft_rows()[:5], "x,0.5,0.6"])
    answer = zoo("train", "text-mlp", "--data", "soft.csv", *changes('task.probabilities=["p_bad", "p_good"]'))
    refused(answer, 3, "soft.csv:7: the probabilities sum to 1.1, expected 1")
    answer = zoo("train", "text-mlp", "--data", "soft.csv", *changes('task.probabilities=["p_bad"]'))
    refused(answer, 2, "--set task.probabilities=", "each of two or more classes")


@pytest.fixture
def stars() -> str:
    words = {1: "vile", 2: "poor", 3: "plain", 4: "good", 5: "great"}
    write("stars.csv", ["stars,text", *(f"{i % 5 + 1}.0,so {words[i % 5 + 1]} no {i}" for i in range(200))])
    return "stars.csv"


def test_stars_become_sentiment_labels(zoo: Zoo, stars: str) -> None:
    answer = zoo("train", "yelp-perceptron", "--data", stars, *changes("vectorizer.cutoff=0"), *FEW, "--run", "r")
    assert answer.code == 0 and "  40 rows dropped: 3 stars\n" in answer.err
    assert "2 classes (negative, positive)" in answer.err
    answer = zoo("predict", "r", *BARE, "--data", stars)
    assert len(answer.out.splitlines()) == 201  # every row is predicted, including three stars
    subset = changes("vectorizer.cutoff=0", "task.subset=0.25")
    answer = zoo("train", "yelp-perceptron", "--data", stars, *subset, *FEW)
    assert "  120 rows dropped: not in the subset\n" in answer.err


def test_invalid_stars_are_rejected(zoo: Zoo, refused: Any) -> None:
    write("stars.csv", ["stars,text", "5,good", "4.5,fair", "1,bad"])
    answer = zoo("train", "yelp-five-stars", "--data", "stars.csv")
    refused(answer, 3, 'stars.csv:3: invalid number of stars in column "stars": got "4.5", expected 1, 2, 3, 4 or 5')


def test_synthetic_surnames(zoo: Zoo) -> None:
    assert zoo("data", "sample", "--task", "surnames", "--rows", "300", "-o", "names.csv").code == 0
    assert Path("names.csv").read_text(encoding="utf-8").startswith("surname,nationality,split\n")
    answer = zoo("train", "surnames-mlp", "--data", "names.csv", *changes("training.epochs=8"), "--run", "r", "--json")
    assert (answer.code, answer.err) == (0, "") and len(answer.json["classes"]) == 18
    answer = zoo("predict", "r", *BARE, "Sokolovsky")
    assert answer.out.splitlines()[1].startswith("Russian,")
    assert zoo("explain", "r", "Yamashita").code == 0
