"""Training, evaluation and predictions with data in memory."""

from __future__ import annotations

import csv

import numpy as np
import polars as pl
import pytest

import zoo_core
from zoo_core.errors import DataError, RecipeError
from zoo_core.experiments.compare import compare_runs
from zoo_core.runs.report import run_report

SETTINGS = ("task=text-classification", "task.text=review", "task.label=rating")


@pytest.fixture(scope="module")
def rows(reviews):
    with reviews.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def trained(rows, small, tmp_path_factory):
    return zoo_core.train(small(), (row for row in rows), run=tmp_path_factory.mktemp("memory") / "run")


def test_a_training_is_that_of_the_file(trained, reviews, small, tmp_path):
    other = zoo_core.train(small(), reviews, run=tmp_path / "run")
    assert other.summary["metrics"] == trained.summary["metrics"]
    data = trained.summary["data"]
    assert (data["origin"], data["files"], data["source"], data["read"]) == ("memory", [], "in-memory data", 120)
    assert (other.folder / "model.safetensors").read_bytes() == (trained.folder / "model.safetensors").read_bytes()


def test_training_data_in_memory_must_be_passed_again(trained, rows, zoo):
    with pytest.raises(RecipeError, match=r"the training data was in memory \(hint: pass it: run.evaluate"):
        zoo_core.evaluate(trained.folder)
    run = zoo_core.open_run(trained.folder, zoo=zoo)
    assert run.evaluate(rows, split="test")["accuracy"] == trained.summary["metrics"]["test"]["accuracy"]
    with pytest.raises(DataError, match="no split column"):
        run.evaluate(rows[1:], split="test")


def test_evaluates_a_run_or_its_folder(trained, rows, reviews):
    frame = pl.DataFrame(rows)
    expected = trained.evaluate(reviews)
    assert zoo_core.evaluate(trained.folder, frame) == zoo_core.evaluate(trained, frame) == expected
    pair = (frame["review"].to_list(), frame["rating"].to_list())
    assert zoo_core.evaluate(str(trained.folder), pair) == expected


def test_predicts_texts_and_tables(trained, rows, reviews):
    texts = [row["review"] for row in rows]
    expected = trained.predict(texts).labels
    forms = [iter(texts), np.array(texts), pl.DataFrame(rows), iter(rows), [(text,) for text in texts], reviews]
    assert all(zoo_core.predict(trained, data).labels == expected for data in (*forms, str(reviews), {"review": texts}))
    assert zoo_core.predict(trained.folder, ["good food"]).labels == trained.predict(["good food"]).labels
    with pytest.raises(RecipeError, match="texts must be a list of strings, not one string"):
        zoo_core.predict(trained, "The food was good.\n" * 500)


def test_compares_and_reports_with_rows_that_are_read_once(trained, rows):
    result = compare_runs(trained, trained, data=iter(rows))
    assert result["rows"] == 120
    assert run_report(trained, ["confusion"], data=rows).split == "in-memory data"


def test_errors_of_rows_name_them(small, rows, tmp_path):
    many = [*rows, {"rating": "negative", "review": ["a"]}]
    with pytest.raises(DataError, match='row 121, column "review": got list, expected text'):
        zoo_core.train(small(), many, run=tmp_path / "run")
    with pytest.raises(DataError, match=r"missing columns? "):
        zoo_core.train(small(), pl.DataFrame({"text": ["a"], "label": ["b"]}), run=tmp_path / "run")
    with pytest.raises(RecipeError, match="a reader needs a file"):
        zoo_core.train(small(), rows, reader="csv", run=tmp_path / "run")
    with pytest.raises(DataError, match="this is a text, not the name of a file"):
        zoo_core.train(small(), ["The food was good.", "It was bad."], run=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_numbers_are_classified(small, tmp_path):
    draw = np.random.default_rng(0)
    matrix = np.vstack([draw.normal(at, 1, (30, 2)) for at in (-3, 3)])
    recipe = small("task=columns", "vectorizer=dense-columns")
    run = zoo_core.train(recipe, (matrix, [0] * 30 + [1] * 30), run=tmp_path / "run")
    assert run.predict([[-3, -3], [3, 3]]).labels == ["0", "1"]
    assert run.predict(matrix).labels.count("0") == pytest.approx(30, abs=3)
