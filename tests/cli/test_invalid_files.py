"""Invalid data and corrupt run folders: exit code, file, line and hint; no files are left behind."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

HEAD = b"rating,review\npositive,good\n"
# the bytes of bad.csv, the location, and the expected message
DATA = {
    "empty": (b"", "bad.csv: ", "the file is empty"),
    "blank": (b"\n\n", "bad.csv: ", "there are no rows"),
    "header only": (b"rating,review\n", "bad.csv: ", "there are no rows below the header"),
    "not UTF-8": (
        HEAD + b"negative,caf\xe9\n",
        "bad.csv:3: ",
        "not UTF-8 (byte 0xe9) (hint: ",
    ),
    "NUL": (HEAD + b"negative,\0\n", "bad.csv:3: ", "a NUL byte"),
    "too long a row": (HEAD + b"negative,a,b\n", "bad.csv:3: ", "the columns are rating, review"),
    "too short a row": (HEAD + b'negative,"two\nlines"\nnegative\n', "bad.csv:5: ", "a row of 1 field, expected 2"),
    "an open quote": (HEAD + b'negative,"never\nclosed,\nhere\n', "bad.csv:3: ", "a quote is opened here and never"),
    "a column twice": (b"rating,rating,review\na,b,c\n", "bad.csv:1: ", 'the column "rating" is named twice'),
    "another column": (
        b"rating,revew\npositive,x\n",
        "bad.csv: ",
        'missing column "review": the columns are rating, revew (hint: zoo ',
    ),
    "another label": (b"score,review\npositive,x\n", "bad.csv: ", "the columns are score, review"),
    "no stars": (
        b"stars,review\n5,x\npositive,x\n",
        "bad.csv",
        'invalid number of stars in column "stars": got "positive"',
    ),
    "no labels": (
        b"rating,review\n,a\n ,b\n",
        "bad.csv: ",
        'all rows were dropped (no label: 2) (hint: check the column "rating", which labels are read from)',
    ),
    "three stars": (
        b"stars,review\n3,a\n",
        "bad.csv: ",
        'dropped (3 stars: 1) (hint: check the column "stars", which labels are read from)',
    ),
    "one class": (b"rating,review\n" + b"positive,a\n" * 20, "bad.csv", 'only one class: "positive"'),
    "another split": (b"rating,review,split\na,b,trian\n", "bad.csv:2: ", 'unknown split "trian" in column "split"'),
    "a bad class": (b'"1","bad"\n"3","odd"\n', "bad.csv", 'unknown class: got "3", expected "1" or "2"'),
}


@pytest.mark.parametrize("name", DATA)
def test_invalid_data_is_rejected_with_its_location(zoo, refused, name):
    data, where, expected = DATA[name]
    Path("bad.csv").write_bytes(data)
    refused(zoo("train", "yelp-perceptron", "--data", "bad.csv"), 3, f"zoo: error: {where}", expected)
    refused(
        zoo("train", "yelp-perceptron", "--data", "-", stdin=data),
        3,
        f"zoo: error: {where}".replace("bad.csv", "stdin"),
    )
    assert [path.name for path in Path().iterdir()] == ["bad.csv"]


@pytest.mark.parametrize(("command", "option"), [("train", "--data"), ("evaluate", "--data"), ("predict", "--data")])
def test_data_must_be_a_file(zoo, refused, trained, command, option):
    Path("folder.csv").mkdir()
    Path("link.csv").symlink_to("nowhere.csv")
    call = (command, "yelp-perceptron" if command == "train" else trained, option)
    refused(zoo(*call, "folder.csv"), 3, "folder.csv: this folder has no texts in class folders")
    for name in ("link.csv", "none.csv"):
        refused(zoo(*call, name), 3, f"{name}: there is no such file")


def test_unseen_labels_are_counted_with_a_suggestion(zoo, refused, trained):
    Path("more.csv").write_text("rating,review\npositive,good\npositve,fine\npositve,great\n", encoding="utf-8")
    refused(zoo("evaluate", trained, "--data", "more.csv"), 3, 'more.csv:3: the label "positve" was not seen', "2 rows")
    assert 'did you mean "positive"?' in zoo("evaluate", trained, "--data", "more.csv").err


@pytest.mark.parametrize("data", [b"", b"\n\n \n", b"rating,review\n"])
def test_no_texts_give_no_rows(zoo, refused, trained, data):
    Path("none.csv").write_bytes(data)
    refused(zoo("predict", trained, "--data", "none.csv", "--output", "out.csv"), 3, "none.csv: ")
    assert not Path("out.csv").exists()


def test_run_folder_that_cannot_be_created(zoo, refused, reviews):
    Path("full").mkdir()
    Path("full/mine.txt").write_text("mine", encoding="utf-8")
    call = ("train", "yelp-perceptron", "--data", reviews, "--set", "training.epochs=1", "--run")
    refused(zoo(*call, "full"), 2, "full is not empty (hint: name another folder with --run)")
    refused(zoo(*call, reviews), 2, f"{reviews} is a file, not a folder")
    refused(zoo(*call, reviews / "below"), 7, "cannot create the run folder", "Not a directory")
    assert sorted(path.name for path in Path().rglob("*")) == ["full", "mine.txt", "reviews.csv"]


def test_failed_run_leaves_no_parent_folder(zoo, refused, reviews):
    endless = (
        "--set",
        "optimizer=sgd",
        "--set",
        "optimizer.lr=1e30",
        "--set",
        "vectorizer.cutoff=0",
        "--set",
        "loss=mse",
    )
    call = ("train", "yelp-mlp", "--data", reviews, *endless)
    refused(zoo(*call, "--run", "a/b/c"), 6, "loss became")
    refused(zoo(*call), 6, "loss became")
    assert [path.name for path in Path().iterdir()] == ["reviews.csv"]


def changed(path):
    data = bytearray(path.read_bytes())
    data[0] ^= 1
    path.write_bytes(data)


def linked(path):
    path.rename(path.with_suffix(".away"))
    path.symlink_to(path.with_suffix(".away").name)


SPOILT = {"changed": (changed, ""), "missing": (Path.unlink, ""), "linked": (linked, "symbolic link")}
FILES = (
    "recipe.toml",
    "head.json",
    "encoder.json",
    "model.safetensors",
    "metrics.jsonl",
    "components.json",
    "manifest.json",
)


@pytest.mark.parametrize("how", SPOILT)
@pytest.mark.parametrize("file", FILES)
def test_corrupt_run_is_rejected_with_the_file_name(zoo, trained, how, file):
    shutil.copytree(trained, "run")
    spoil, expected = SPOILT[how]
    spoil(Path("run") / file)
    for call in (("predict", "run", "good"), ("evaluate", "run"), ("explain", "run")):
        answer = zoo(*call)
        assert (answer.code, answer.out, len(answer.lines)) == (4, "", 1), answer
        assert file in answer.err and expected in answer.err


def test_folder_without_a_run_is_rejected(zoo, refused, trained):
    Path("notes").mkdir()
    Path("notes.txt").write_text("mine", encoding="utf-8")
    for place in ("notes", "notes.txt", "nowhere"):
        code, said = (2, '"notes.txt" is a file of data') if place == "notes.txt" else (4, f"{place}: ")
        for call in (("predict", place, "good"), ("evaluate", place), ("explain", place)):
            refused(zoo(*call), code, f"zoo: error: {said}")


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "-0.1", "1.1", "half"])
def test_threshold_must_be_a_probability(zoo, refused, trained, number):
    refused(zoo("predict", trained, "good", f"--threshold={number}"), 2, number)


def test_table_in_a_text_file_is_rejected_with_a_hint(zoo, refused, reviews):
    Path("reviews.txt").write_bytes(reviews.read_bytes())
    for call in (("data", "check", "reviews.txt"), ("train", "text-mlp", "--data", "reviews.txt")):
        refused(zoo(*call), 3, "columns seem to be separated by commas", "--delimiter , --text review --label rating)")
    assert zoo("data", "check", "reviews.txt", "--delimiter", ",").code == 0


def test_semicolons_are_read_and_noted(zoo):
    Path("semi.csv").write_text("text;label\ngood, very;a\nbad;b\n", encoding="utf-8")
    answer = zoo("data", "check", "semi.csv")
    assert answer.code == 0 and "text, label" in answer.out
    assert "semi.csv: the columns are separated by semicolons" in answer.lines
