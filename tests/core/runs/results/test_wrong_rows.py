"""The rows that a run gets wrong: which, in which order, and where in the file they are."""

from __future__ import annotations

import pytest

import zoo_core
from zoo_core.runs.results import wrong_rows
from zoo_core.runs.results.wrong_rows import wrong_rows_frame

TEXTS = ["good food", "bad food", "bad, cold", "warm kind", "rude", "kind staff", "zzz"]
LABELS = ["negative", "positive", "positive", "negative", "negative", "positive", "negative"]


@pytest.fixture(scope="module")
def run(small, reviews, tmp_path_factory):
    return zoo_core.train(small("training.epochs=20"), reviews, run=tmp_path_factory.mktemp("wrong") / "r")


@pytest.fixture
def file(tmp_path):
    lines = [f'{label},"{text}"' for label, text in zip(LABELS, TEXTS, strict=True)]
    path = tmp_path / "new.csv"
    path.write_text("\n".join(["rating,review", ",no label", *lines]) + "\n", encoding="utf-8")
    return path


def test_wrong_rows_are_sorted_by_confusion_and_confidence(run, file):
    frame = run.errors(file)
    predicted = run.predict(TEXTS)
    wrong = [row for row, label in enumerate(predicted.labels) if label != LABELS[row]]
    assert sorted(frame["row"].to_list()) == [row + 2 for row in wrong]  # the first row has no label
    assert (frame["line"] == frame["row"] + 1).all()
    assert frame.columns == ["row", "line", "true", "predicted", "p", "text", "words"]
    for row in frame.to_dicts():
        at = row["row"] - 2
        assert (row["text"], row["true"], row["predicted"]) == (TEXTS[at], LABELS[at], predicted.labels[at])
        assert row["p"] == pytest.approx(float(predicted.values[at, predicted.indices[at]]))
        assert set(row["words"].split(", ")) - {""} <= {"<UNK>", *TEXTS[at].replace(",", "").split()}
    pairs = list(zip(frame["true"], frame["predicted"], strict=True))
    sizes = [pairs.count(pair) for pair in dict.fromkeys(pairs)]
    assert sizes == sorted(sizes, reverse=True)
    for pair in set(pairs):
        values = [row["p"] for row in frame.to_dicts() if (row["true"], row["predicted"]) == pair]
        assert values == sorted(values, reverse=True)


def test_a_limit_keeps_the_most_confident_rows(run, file, monkeypatch):
    every = run.errors(file)
    best = run.errors(file, limit=2)
    assert sorted(best["p"].to_list(), reverse=True) == sorted(every["p"].to_list(), reverse=True)[:2]
    monkeypatch.setattr(wrong_rows, "MAX_EXPLAINED", 1)
    assert [bool(words) for words in run.errors(file)["words"]][1:] == [False] * (every.height - 1)


def test_rows_of_the_training_data_are_those_of_the_file(run, reviews):
    lines = reviews.read_text(encoding="utf-8").splitlines()
    frame = run.with_threshold(1).errors(split="test")
    assert frame.height
    for row in frame.to_dicts():
        assert lines[row["line"] - 1] == f"{row['true']},{row['text']}"


def test_no_wrong_rows_are_a_table_without_rows():
    frame = wrong_rows_frame([], are_scores=True)
    assert frame.height == 0 and "score" in frame.columns


def test_rows_in_memory_have_numbers(run):
    frame = run.errors([{"rating": label, "review": text} for label, text in zip(LABELS, TEXTS, strict=True)])
    assert frame.height and "line" not in frame.columns
    assert [TEXTS[row - 1] for row in frame["row"]] == frame["text"].to_list()
