"""`zoo evaluate --errors`: wrong rows on the screen, in a file and as JSON."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

TEXTS = [("positive", "rude and cold"), ("negative", "great food"), ("negative", "rude"), ("negative", "lovely, fresh")]


@pytest.fixture
def file():
    with Path("new.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("rating", "review"), *TEXTS])
    return "new.csv"


def test_errors_are_listed_written_and_printed_as_json(zoo, trained, file):
    answer = zoo("evaluate", trained, "--data", file, "--errors")
    found = zoo("evaluate", trained, "--data", file, "--errors", "--json").json["errors"]
    assert [(one["line"], one["true"], one["predicted"]) for one in found][-1] == (2, "positive", "negative")
    assert {one["text"] for one in found} == {"rude and cold", "great food", "lovely, fresh"}
    assert all(one["words"] and one["value"] > 0.5 for one in found)
    table = answer.out.split("\n\n")[1].splitlines()
    assert table[0].split("\t") == ["row", "line", "true", "predicted", "p", "text", "words"]
    assert [row.split("\t")[5] for row in table[1:]] == [one["text"] for one in found]
    for name in ("out.csv", "out.parquet"):
        assert zoo("evaluate", trained, "--data", file, "--errors", "-o", name).code == 0
        frame = (pl.read_csv if name.endswith("csv") else pl.read_parquet)(name)
        assert frame["text"].to_list() == [one["text"] for one in found]
    again = zoo("evaluate", trained, "--data", file, "--errors", "-o", "out.csv")
    assert again.code == 2 and "--force" in again.err


def test_a_number_limits_them_and_is_told(zoo, trained, file):
    answer = zoo("evaluate", trained, "--data", file, "--errors", "1", "--json")
    assert len(answer.json["errors"]) == 1 and "1 of 3 wrong rows" in answer.err


REJECTED = [
    (("--errors", "RUN"), "put this option last, or a number after it"),
    (("RUN", "--errors", "0"), "--errors"),
    (("RUN", "-o", "x.csv"), "add --errors"),
    (("RUN", "--errors", "-o", "x.ft"), "fastText files cannot store wrong rows"),
]


@pytest.mark.parametrize(("given", "said"), REJECTED)
def test_impossible_requests_are_rejected(zoo, refused, trained, given, said):
    refused(zoo("evaluate", *(trained if one == "RUN" else one for one in given)), 2, said)


def test_explain_shows_pieces_on_request(zoo, trained):
    assert zoo("explain", trained, "great food", "--pieces", "--json").json["contributions"][0]["pieces"] == []
    assert "(bias)" in zoo("explain", trained, "great food", "--pieces").out
    assert zoo("explain", trained, "--pieces").code == 2
