"""Guesses of columns: which hold texts, labels and splits, by name and by values."""

from __future__ import annotations

import polars as pl
import pytest

from zoo_core.data.column_guesses import guess_columns

LONG = ["the food was very good", "we waited for an hour", "never again to this place", "I like the patio a lot"]
SHORT = ["low", "high", "low", "high"]
ROLES = ("text", "label", "split")


def guess(columns, asked=None, taken=(), roles=ROLES):
    frame = pl.DataFrame({name: values * 5 for name, values in columns.items()}, schema_overrides={})
    return guess_columns(list(columns), frame, roles, asked or {}, taken)


IDS, DATES = ["71", "72", "73", "74"], ["2024-01-01", "2024-01-02", "2024-02-01", "2024-03-01"]
PARTS = ["train", "train", "val", "test"]


@pytest.mark.parametrize(
    ("columns", "text", "label"),
    [
        ({"id": IDS, "subject": LONG, "priority": SHORT, "created": DATES}, "subject", "priority"),
        ({"a": SHORT, "b": LONG}, "b", "a"),
        ({"Text": LONG, "title": ["one", "two", "three", "four"], "Class": SHORT}, "Text", "Class"),
        ({"reviewText": LONG, "summary": LONG, "overall": ["5", "1", "5", "1"]}, "reviewText", "overall"),
        ({"tweet_id": IDS, "tweet": LONG, "airline": SHORT, "airline_sentiment": SHORT}, "tweet", "airline_sentiment"),
        ({"stars": ["1", "5", "4", "5"], "useful": ["0", "1", "0", "0"], "text": LONG}, "text", "stars"),
        ({"document": LONG, "label": ["0", "1", "0", "1"], "split": PARTS}, "document", "label"),
        (
            {
                "리뷰": ["아주 맛있어요", "별로예요", "다시 갈게요", "친절해요"],
                "감정": ["긍정", "부정", "긍정", "긍정"],
            },
            "리뷰",
            "감정",
        ),
        (
            {"surname": ["Kim", "Okafor", "Rossi", "Novak"], "nationality": ["ko", "ig", "it", "ko"]},
            "surname",
            "nationality",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_finds_texts_and_labels(columns, text, label):
    found = guess(columns)
    assert (found["text"], found["label"]) == (text, label)
    assert found.get("split") == ("split" if "split" in columns else None)


def test_prefers_a_name_like_the_one_that_was_asked_for():
    columns = {"headline": LONG, "article": LONG, "kind": SHORT, "label_of_box": SHORT}
    assert guess(columns, {"text": "articel", "label": "kinds"}) == {"text": "article", "label": "kind"}
    assert guess(columns, {"text": "x"}, taken=["headline"])["text"] == "article"


@pytest.mark.parametrize(
    "values", [IDS, DATES, ["x"] * 4, ["", " ", "", ""], ["1.5", "2,5", "-3e4", "4"], ["?", "!", "-", "…"]]
)
def test_a_column_without_words_is_not_one_of_texts(values):
    assert "text" not in guess({"some": values})


@pytest.mark.parametrize("values", [["same"] * 4, [f"{number}" for number in range(80)], ["", "", "", ""]])
def test_a_column_of_one_value_or_of_many_is_not_one_of_labels(values):
    frame = pl.DataFrame({"label": values})
    assert guess_columns(["label"], frame, ["label"], {}, []) == {}


def test_a_column_that_was_not_decoded_is_guessed_by_its_name():
    frame = pl.DataFrame({"body": LONG})
    assert guess_columns(["body", "kind", "category"], frame, ["label"], {}, ["body"]) == {"label": "category"}
