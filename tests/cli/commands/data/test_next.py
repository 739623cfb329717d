"""`zoo data next`: which rows to label, as a table on a terminal, as data in a pipe and in files."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import csv_bytes

LINES = ["soup was great", "soup was awful", "the patio", "bread bread bread", "rude and lovely", "", "the patio"]


@pytest.fixture
def pool(empty_folder) -> Path:
    path = Path("pool.txt")
    path.write_bytes("\n".join([*LINES, ""]).encode())
    return path


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_rows_in_a_pipe_in_files_and_as_json(zoo, trained, pool):
    answer = zoo("data", "next", trained, "pool.txt", "--rows", "2")
    assert answer.code == 0, answer.err
    rows = rows_of(answer.out)
    assert list(rows[0])[:2] == ["row", "review"] and list(rows[0])[-3:] == ["predicted", "p", "margin"]
    assert len(rows) == 2 and all(LINES[int(row["row"]) - 1] == row["review"] for row in rows)
    assert answer.lines[-1].startswith("2 of 7 rows of pool.txt to label next; left out: 1 empty")
    assert (
        json.loads(zoo("data", "next", trained, "pool.txt", "--rows", "2", "--json").out)[0]["review"]
        == rows[0]["review"]
    )
    written = zoo("data", "next", trained, "pool.txt", "--rows", "2", "-o", "next.jsonl", "--json")
    assert written.json["rows"] == 2 and written.json["left_out"]["empty"] == 1
    assert json.loads(Path("next.jsonl").read_text("utf-8").splitlines()[0])["review"] == rows[0]["review"]
    assert zoo("data", "next", trained, "-", "--rows", "2", stdin=pool.read_bytes()).out == answer.out


def test_more_rows_than_there_are(zoo, trained, reviews, pool):
    answer = zoo("data", "next", trained, "pool.txt")
    assert len(rows_of(answer.out)) == 5 and answer.lines[-1] == "there are no more rows to label: 100 rows asked for"


def test_columns_to_keep(zoo, trained, reviews, pool):
    Path("pool.csv").write_bytes(csv_bytes("id,review", [(str(at), text) for at, text in enumerate(LINES)]))
    kept = rows_of(zoo("data", "next", trained, "pool.csv", "--columns", "id", "--rows", "1").out)
    assert list(kept[0]) == ["row", "id", "rating", "split", "predicted", "p", "margin"]
    other = zoo("data", "next", trained, "pool.csv", "--columns", "ID")
    assert other.code == 3 and '"ID"' in other.err


def test_errors(zoo, trained, reviews, pool):
    for options, code, said in (
        (("-o", "reviews.csv"), 2, "already exists"),
        (("--force", "-o", "pool.txt"), 2, "pool.txt is the input"),
        (("-o", "x.txt", "--format", "fasttext"), 2, "fastText files cannot store"),
        (("--rows", "0"), 2, "--rows"),
        (("--reader", "json"), 3, "pool.txt"),
    ):
        answer = zoo("data", "next", trained, "pool.txt", *options)
        assert answer.code == code and said in answer.err, answer.err
    assert zoo("data", "next", trained, "nowhere.csv").code == 3
    assert zoo("data", "next", "nowhere", "pool.txt").code == 4
    Path("empty.txt").write_bytes(b"\n\n")
    assert "no row to label: 2 empty" in zoo("data", "next", trained, "empty.txt").err


def test_the_labeled_rows_are_trained_on_with_the_first_ones(zoo, reviews, pool):
    """The output with its labels filled in is a file to train on, and its rows are not chosen again."""
    train = ("train", "yelp-perceptron", "--set", "training.epochs=1", "--data", "reviews.csv")
    assert zoo(*train, "--run", "first").code == 0
    assert zoo("data", "next", "first", "pool.txt", "--rows", "3", "-o", "next.csv").code == 0
    rows = rows_of(Path("next.csv").read_text("utf-8"))
    assert list(rows[0]) == ["row", "review", "rating", "predicted", "p", "margin"]  # as the training data calls them
    with Path("next.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, "rating": "positive"} for row in rows)
    more = zoo(*train, "--data", "next.csv", "--run", "again")
    assert more.code == 0, more.err
    again = rows_of(zoo("data", "next", "again", "pool.txt").out)
    assert {row["row"] for row in again}.isdisjoint(row["row"] for row in rows)


def test_rows_of_a_file_with_splits_are_to_be_trained_on(zoo, pool):
    """Rows that were chosen are harder than others: they must not be drawn into the test split."""
    assert zoo("data", "sample", "--rows", "60", "-o", "split.csv").code == 0
    assert zoo("train", "yelp-perceptron", "--data", "split.csv", "--run", "r", "--set", "training.epochs=1").code == 0
    answer = zoo("data", "next", "r", "pool.txt", "--rows", "2", "-o", "next.csv")
    assert answer.code == 0, answer.err
    assert [row["split"] for row in rows_of(Path("next.csv").read_text("utf-8"))] == ["train", "train"]
    filled = Path("next.csv").read_text("utf-8").replace('""', "positive")
    Path("next.csv").write_text(filled, "utf-8")
    more = zoo("train", "yelp-perceptron", "--data", "split.csv", "--data", "next.csv", "--run", "more",
               "--set", "training.epochs=1")  # fmt: skip
    assert more.code == 0, more.err
