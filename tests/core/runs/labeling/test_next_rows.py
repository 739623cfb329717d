"""The rows to label next: the least sure ones of those without a label, from a file or from memory."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest

from zoo_core import DataError, next_rows, open_run
from zoo_core.errors import RecipeError
from zoo_core.runs.labeling import candidates
from zoo_core.training.pipeline import train

WORDS = ["bad", "cold", "rude", "good", "warm", "kind", "food", "place", "staff", "the"]


def texts_of(count: int = 60, seed: int = 3) -> list[str]:
    draw = random.Random(seed)
    return [f"{' '.join(draw.choices(WORDS, k=draw.randint(1, 6)))} {row}" for row in range(count)]


def table_of(texts, labels=None, **more) -> pl.DataFrame:
    return pl.DataFrame({"review": texts, **({} if labels is None else {"rating": labels}), **more})


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("next") / "more.csv"
    table_of(texts_of()).write_csv(path)
    return path


def test_the_first_row_is_the_least_sure_one(trained):
    texts = texts_of()
    table = next_rows(trained, texts, rows=5).table
    assert table.columns == ["row", "text", "rating", "predicted", "p", "margin"] and table.height == 5
    values = trained.predict(texts).values.double()
    margins = (values[:, 0] - values[:, 1]).abs()
    assert table["row"][0] == int(margins.argmin()) + 1
    for row, text, label, predicted, p, margin in table.rows():
        assert (text, label, predicted) == (texts[row - 1], "", trained.predict([text]).labels[0])
        assert margin == pytest.approx(float(margins[row - 1])) and p == pytest.approx(float(values[row - 1].max()))


def test_a_file_a_frame_and_a_list_give_the_same_rows(trained, file):
    texts = texts_of()
    expected = next_rows(trained, texts, rows=7).table["row"].to_list()
    for data in (file, str(file), table_of(texts), pl.Series(texts), {"review": texts}):
        assert next_rows(trained, data, rows=7).table["row"].to_list() == expected
    assert next_rows(trained.folder, file, rows=7).table["row"].to_list() == expected


def test_batches_and_the_bounded_number_of_candidates_change_nothing(trained, file, monkeypatch):
    expected = next_rows(trained, file, rows=4).table
    monkeypatch.setattr(candidates, "BATCH_ROWS", 7)
    assert next_rows(trained, file, rows=4).table.equals(expected)


def test_rows_that_are_left_out(trained, reviews):
    taught = pl.read_csv(reviews)["review"][:2].to_list()
    fresh = ["good the bad", "cold kind", "staff rude warm"]
    texts = [*fresh, "  ", "", *taught, "kind kind kind", "GOOD  the bad", "cold kind"]
    labels = ["", " ", "?", "", "", "", "", "positive", "", "positive"]
    found = next_rows(trained, table_of(texts, labels), rows=50)
    assert found.left_out == {"labeled": 2, "empty": 2, "trained": 2} and found.read == 10
    assert sorted(found.table["row"]) == [1, 3]  # row 9 is row 1 again, row 2 has a label in row 10
    assert found.describe().endswith("left out: 2 with a label, 2 empty, 2 in the training data")


def test_rows_of_the_training_file_itself_that_have_no_label(small, tmp_path, reviews):
    """They were not trained on, though they stand in the file."""
    frame = pl.read_csv(reviews)
    labels = [label if row < 80 else None for row, label in enumerate(frame["rating"])]
    frame.with_columns(rating=pl.Series(labels)).write_csv(tmp_path / "part.csv")
    run = train(small(), tmp_path / "part.csv", run=tmp_path / "run")
    found = next_rows(run, tmp_path / "part.csv", rows=100)
    assert found.table.height > 30 and found.table["row"].min() > 80  # some texts stand there twice
    assert found.left_out == {"labeled": 80, "empty": 0, "trained": found.left_out["trained"]}


def test_no_row_is_left(trained):
    with pytest.raises(DataError, match="the data: no row to label: 1 with a label, 1 empty"):
        next_rows(trained, table_of(["good", ""], ["positive", ""]))
    with pytest.raises(RecipeError, match="at least 1"):
        next_rows(trained, ["good"], rows=0)


@pytest.mark.parametrize("gone", [True, False])
def test_training_data_that_cannot_be_read(small, tmp_path, reviews, gone):
    copy = tmp_path / "copy.csv"
    copy.write_bytes(reviews.read_bytes())
    run = train(small(), copy if gone else pl.read_csv(copy), run=tmp_path / "run")
    copy.unlink()
    found = next_rows(run, pl.read_csv(reviews)["review"], rows=3)
    assert found.table.height == 3
    assert ("missing" if gone else "in memory") in found.problem


def test_runs_without_probabilities_and_with_many_classes(small, tmp_path):
    draw = random.Random(0)
    texts = [f"{draw.choice('abcd')}{draw.choice('abcd')} word{row % 9}" for row in range(60)]
    data = pl.DataFrame({"review": texts, "rating": [f"class {text[0]}" for text in texts]})
    run = train(small("task=text-classification", "task.text=review", "task.label=rating", "loss=mse"), data,
                run=tmp_path / "run")  # fmt: skip
    table = next_rows(run, ["ab word1", "ca word2", "zz word3"], rows=2).table
    assert table.columns == ["row", "text", "rating", "predicted", "score", "margin"] and (table["margin"] >= 0).all()


def test_columns_of_the_file(trained, tmp_path):
    frame = table_of(texts_of(20), row=range(20), margin="x")
    table = next_rows(trained, frame, rows=3).table
    assert table.columns == [
        "predicted_row", "review", "row", "margin", "rating", "predicted", "p", "predicted_margin"
    ]  # fmt: skip
    kept = next_rows(trained, frame, rows=3, columns=["row"]).table
    assert kept.columns == ["predicted_row", "row", "rating", "predicted", "p", "margin"]
    first = next_rows(trained, table_of(texts_of(20)), rows=9).table
    assert next_rows(trained, first, rows=3).table.columns == first.columns  # the output of an earlier call


def test_texts_without_a_known_word_are_alike(trained):
    texts = [f"zzz{row}" for row in range(20)] + ["good bad"]
    assert 21 in next_rows(open_run(trained.folder), texts, rows=3).table["row"].to_list()
