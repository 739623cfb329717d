"""The synthetic sample: rows, splits, ratings and texts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from hashlib import sha256

import polars as pl
import pytest

from zoo_yelp.phrases import GRAMMAR
from zoo_yelp.sample import make_reviews

ROWS = 4000
DIGEST = "8777f5a57c14f77d"


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    return make_reviews(ROWS, 1)


def digest(frame: pl.DataFrame) -> str:
    return sha256(frame.write_csv().encode()).hexdigest()[:16]


def test_columns(frame):
    assert frame.schema == {"rating": pl.String, "review": pl.String, "split": pl.String}
    assert frame.null_count().sum_horizontal().item() == 0
    assert frame["review"].str.strip_chars().str.len_chars().min() > 5


def test_is_reproducible(frame):
    assert frame.equals(make_reviews(ROWS, 1))
    assert not frame["review"].equals(make_reviews(ROWS, 2)["review"])


def test_is_the_same_on_every_machine():
    """A change of the grammar changes this digest; a change of machine, numpy or hash seed must not."""
    assert digest(make_reviews(50, 1)) == DIGEST


def test_hash_seed_does_not_matter():
    code = "from zoo_yelp.sample import make_reviews; print(make_reviews(50, 1).write_csv())"
    path = os.pathsep.join(filter(None, sys.path))
    run = [sys.executable, "-c", code]
    texts = [
        subprocess.run(
            run, env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": seed}, check=True, capture_output=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert texts[0] == texts[1]


@pytest.mark.parametrize("rows", [1, 2, 3, 10, 101, 20_001])
def test_rows_balance_and_splits_are_exact(rows):
    frame = make_reviews(rows, 3)
    assert len(frame) == rows
    for column, shares in (
        ("split", {"train": 0.70, "val": 0.15, "test": 0.15}),
        ("rating", {"negative": 0.5, "positive": 0.5}),
    ):
        assert set(frame[column]) <= set(shares)
        for name, share in shares.items():
            assert abs((frame[column] == name).sum() - rows * share) < 1, name
    for _, part in frame.group_by("split"):
        positive = (part["rating"] == "positive").sum()
        assert abs(positive - len(part) / 2) < 1


def test_round_numbers_split_exactly(frame):
    counts = frame.group_by("rating", "split").len().rows()
    assert set(counts) == {
        (rating, split, count)
        for rating in ("negative", "positive")
        for split, count in (("train", 1400), ("val", 300), ("test", 300))
    }


def test_rows_are_shuffled(frame):
    for column in ("rating", "split"):
        changes = (frame[column] != frame[column].shift()).sum()
        assert changes > ROWS / 4


@pytest.mark.parametrize("mark", ['"', "\n", ",", "!", "?", "...", "é"])
def test_texts_exercise_quoting(frame, mark):
    share = frame["review"].str.contains(mark, literal=True).mean()
    assert 0.002 < share < 0.9


def test_csv_round_trip(frame):
    assert pl.read_csv(frame.write_csv().encode()).equals(frame)


def test_few_duplicate_reviews(frame):
    assert frame["review"].n_unique() > 0.99 * ROWS


def test_lengths_vary(frame):
    words = frame["review"].str.count_matches(r"\S+")
    assert words.min() < 8
    assert words.max() > 60


def test_words_indicate_the_rating_with_exceptions(frame):
    for word, rating in (
        ("delicious", "positive"),
        ("great", "positive"),
        ("terrible", "negative"),
        ("rude", "negative"),
    ):
        said = frame.filter(pl.col("review").str.to_lowercase().str.contains(rf"\b{word}\b"))
        assert 0.7 < (said["rating"] == rating).mean() < 1, word


def test_every_rule_is_defined_and_used():
    asked = {name for text in GRAMMAR.values() for name in re.findall(r"{(.+?)}", text)}
    assert asked | {"negative", "positive", "neutral", "mark", "gap"} == set(GRAMMAR)


def test_expands_every_rule(frame):
    assert not frame["review"].str.contains(r"[{}|]").any()
