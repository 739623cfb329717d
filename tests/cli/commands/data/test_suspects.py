"""`zoo data suspects`."""

from __future__ import annotations

import csv
import io
import json

import polars as pl
import pytest

FAST = ("--folds", "2", "--set", "training.epochs=2")


@pytest.fixture
def wrong(reviews):
    """Reviews of which the rows 11 and 24 have wrong labels, with a column that is not used."""
    frame = pl.read_csv(reviews).with_row_index("number")
    flip = pl.col("rating").replace({"positive": "negative", "negative": "positive"})
    frame = frame.with_columns(pl.when(pl.col("number").is_in([10, 23])).then(flip).otherwise("rating").alias("rating"))
    frame.select("number", "rating", "review").write_csv(reviews)
    return reviews


def test_suspects_are_listed_in_a_pipe(zoo, wrong):
    answer = zoo("data", "suspects", "reviews.csv", "--rows", "2", *FAST)
    assert answer.code == 0
    first, *rows = csv.reader(io.StringIO(answer.out), delimiter="\t")
    assert first == ["row", "line", "label", "likelier", "p", "p_label", "text", "similar"]
    assert sorted(row[0] for row in rows) == ["11", "24"]
    assert sorted(row[1] for row in rows) == ["12", "25"]
    assert answer.lines[0] == "columns guessed: --text review --label rating"
    assert "of 80 labels (" in answer.lines[1] and answer.lines[1].endswith("likely wrong")
    assert answer.lines[2].startswith("the models agree with 9")
    assert "correct wrong labels in reviews.csv" in answer.lines[3]


def test_suspects_are_written(zoo, wrong):
    before = wrong.read_bytes()
    words = ("data", "suspects", "reviews.csv", "text-fast", "--text", "review", "--label", "rating", *FAST)
    answer = zoo(*words, "--rows", "2", "-o", "found.parquet", "--json")
    assert (answer.code, answer.json["rows"], answer.json["judged"]) == (0, 2, 80)
    found = pl.read_parquet("found.parquet")
    assert found.columns == answer.json["columns"]
    assert set(found["row"]) == {11, 24}
    assert wrong.read_bytes() == before
    again = zoo(*words, "-o", "found.parquet")
    assert (again.code, "already exists" in again.err) == (2, True)


def test_suspects_as_json(zoo, wrong):
    answer = zoo("data", "suspects", "-", "--rows", "2", "--json", "--quiet", *FAST, stdin=wrong.read_bytes())
    assert (answer.code, answer.err) == (0, "")
    report = json.loads(answer.out)
    assert set(report) == {"source", "judged", "likely_wrong", "agreement", "pairs", "not_judged", "doubts", "suspects"}
    one = report["suspects"][0]
    assert {"row", "label", "likelier", "p", "p_label", "text", "similar"} <= set(one)
    assert {"row", "label", "similarity", "text"} <= set(one["similar"][0])


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("none.csv",), 3, "there is no such file"),
        (("reviews.csv", "no-recipe"), 2, "no-recipe"),
        (("reviews.csv", "--folds", "1"), 2, "folds"),
        (("reviews.csv", "--rows", "0"), 2, "rows"),
        (("reviews.csv", "--label", "none"), 3, '"none"'),
        (("reviews.csv", "--set", "task.texts=a"), 2, "texts"),
        (("reviews.csv", "-o", "reviews.csv"), 2, "is the input"),
        (("reviews.csv", "-o", "found.txt", "--format", "fasttext"), 2, "fastText files cannot store suspects"),
        (("reviews.csv", "--format", "csv"), 2, "--format needs --output FILE"),
        (("reviews.csv", "yelp-perceptron", "--set", "loss=mse"), 2, "gives no probabilities"),
        (
            ("reviews.csv", "--text", "review", "--label", "rating", "--folds", "90"),
            3,
            "cannot judge labels in 90 folds: got 80 different texts",
        ),
        ((), 2, "FILE"),
    ],
)
def test_bad_input_is_refused(zoo, refused, reviews, words, code, message):
    refused(zoo("data", "suspects", *words), code, message)


def test_file_of_one_class_is_refused(zoo, refused, empty_folder):
    (empty_folder / "one.csv").write_text("label,text\n" + "a,some words\n" * 30)
    refused(zoo("data", "suspects", "one.csv"), 3, 'one.csv: nothing to compare: only one class: "a"')
