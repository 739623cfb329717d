"""The task yelp: file formats, normalization and splits."""

from __future__ import annotations

import csv
import io
import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.components.table import Table
from zoo_core.data.files.reading import read_table
from zoo_core.errors import DataError
from zoo_core.training.pipeline import prepare
from zoo_yelp.readers import YelpPolarity
from zoo_yelp.tasks import Yelp

BOOK = b'rating,review,split\nnegative,"Bad, cold",train\npositive,Good!,val\npositive,"He said ""wow""",test\n'
LETTERS = st.text(st.sampled_from(list("aA .,!?\"'1é\tßİ\n☕\\n-")), max_size=20)


def polarity(data):
    return YelpPolarity().read(io.BytesIO(data.encode() if isinstance(data, str) else data))


def test_polarity_rows():
    frame = polarity('"1","bad food"\n"2","so ""good"", really"\n"1","a\\nb\\n\\nc"\n"2",""\n')
    assert frame.columns == ["rating", "review"]
    assert frame["rating"].to_list() == ["negative", "positive", "negative", "positive"]
    assert frame["review"].to_list() == ["bad food", 'so "good", really', "a\nb\n\nc", ""]


def test_polarity_keeps_null_like_texts():
    assert polarity('"1","NA"\n"2","null"\n"2","1"\n')["review"].to_list() == ["NA", "null", "1"]


@given(st.lists(st.tuples(st.sampled_from("12"), LETTERS.filter(lambda text: "\\n" not in text)), min_size=1))
def test_polarity_against_the_csv_module(rows):
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(
        (rating, review.replace("\n", "\\n")) for rating, review in rows
    )
    frame = polarity(out.getvalue())
    assert frame["review"].to_list() == [review for _, review in rows]
    assert frame["rating"].to_list() == [{"1": "negative", "2": "positive"}[rating] for rating, _ in rows]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ('"1","a"\n"3","b"\n', '^2: unknown class: got "3", expected "1" or "2"$'),
        ('"1","a"\n"","b"\n', '^2: unknown class: got ""'),
        ('"1","a"\n"2","b","c"\n', "3 fields"),
        ('"1","a"\n"2"\n', "1 field"),
        ('"1","a"\n"2","b\n', "never closed"),
    ],
)
def test_polarity_rejects_invalid_rows(data, message):
    with pytest.raises(DataError, match=message):
        polarity(data)


@pytest.mark.parametrize(
    ("head", "is_recognized"),
    [(b'"1","x"', True), (b'"2","x"', True), (b'"3","x"', False), (b"1,x", False), (b'"1";"x"', False), (BOOK, False)],
)
def test_polarity_is_recognized(head, is_recognized):
    assert YelpPolarity().sniff(head) is is_recognized


@pytest.mark.parametrize(("data", "width"), [(b'"1","bad"\n"2","good"\n', 2), (BOOK, 3)])
def test_a_csv_file_finds_its_reader(registry, tmp_path, data, width):
    path = tmp_path / "reviews.csv"
    path.write_bytes(data)
    frame = read_table(path, registry).frame
    assert frame.width == width and set(frame["rating"]) == {"negative", "positive"}


def test_reads_the_file_of_the_textbook(registry, tmp_path):
    path = tmp_path / "reviews_with_splits_lite.csv"
    path.write_bytes(BOOK)
    examples = Yelp().read(read_table(path, registry))
    assert examples.texts.to_list() == ["Bad, cold", "Good!", 'He said "wow"']
    assert examples.labels.to_list() == ["negative", "positive", "positive"]
    assert examples.splits.to_list() == ["train", "val", "test"]
    assert examples.dropped == {}


def table(**columns):
    return Table(pl.DataFrame(columns), "file.csv")


def test_columns_by_name():
    examples = Yelp(text="body", label="stars", split="part").read(
        table(stars=["5", "1"], other=["x", "y"], body=["good", "bad"], part=["training", " Dev "])
    )
    assert (examples.texts.to_list(), examples.labels.to_list()) == (["good", "bad"], ["5", "1"])
    assert examples.splits.to_list() == ["train", "val"]


def test_has_splits_only_if_the_file_has():
    assert Yelp().read(table(rating=["1"], review=["x"])).splits is None
    with pytest.raises(DataError, match="part"):
        Yelp(split="part").read(table(rating=["1"], review=["x"]))
    with pytest.raises(DataError, match="unknown split"):
        Yelp().read(table(rating=["1"], review=["x"], split=["somewhere"]))


def test_drops_and_counts_rows_without_label():
    examples = Yelp().read(table(rating=["1", " ", "", "2 "], review=list("abcd"), split=["train"] * 4))
    assert (examples.texts.to_list(), examples.labels.to_list()) == (["a", "d"], ["1", "2"])
    assert examples.dropped == {"no label": 2} and len(examples.splits) == 2
    none = Yelp().read(table(rating=[""], review=["x"]))
    assert (none.texts.to_list(), none.dropped) == ([], {"no label": 1})


@pytest.mark.parametrize("missing", ["rating", "review"])
def test_reports_a_missing_column(missing):
    columns = {"rating": ["1"], "review": ["x"]}
    columns["reviews"] = columns.pop(missing)
    with pytest.raises(DataError, match=missing):
        Yelp().read(table(**columns))


def test_texts_to_predict():
    assert Yelp().texts(table(rating=["", "1"], review=["a", "b"])).to_list() == ["a", "b"]
    assert Yelp().texts(table(anything=["a", "b"])).to_list() == ["a", "b"]
    with pytest.raises(DataError, match="review"):
        Yelp().texts(table(one=["a"], two=["b"]))


def in_the_book(text):
    """Rao & McMahan, section 3.6: `preprocess_text`."""
    text = re.sub(r"([.,!?])", r" \1 ", text.lower())
    return re.sub(r"[^a-zA-Z.,!?]+", r" ", text)


@given(st.lists(LETTERS, min_size=1, max_size=5))
def test_normalizes_like_the_textbook(texts):
    found = Yelp().normalize(pl.Series("review", texts, dtype=pl.String)).to_list()
    assert found == [in_the_book(text) for text in texts]


def test_other_normalizations():
    texts = pl.Series("review", ["Très GOOD, isn’t it?\nＡ"])
    assert Yelp(normalization="none").normalize(texts).to_list() == texts.to_list()
    assert Yelp(normalization="unicode").normalize(texts).to_list() == ["très good , isn't it ? a"]


@pytest.mark.parametrize(("has_splits", "rows"), [(True, [20, 40, 20]), (False, [56, 12, 12])])
def test_uses_the_splits_of_a_file(small, tmp_path, has_splits, rows):
    lines = ["rating,review" + (",split" if has_splits else "")]
    for i, split in enumerate(["train"] * 20 + ["val"] * 40 + ["test"] * 20):
        lines.append(
            f"{('negative', 'positive')[i % 2]},review {'abcdefgh'[i % 8]}" + (f",{split}" if has_splits else "")
        )
    path = tmp_path / "reviews.csv"
    path.write_text("\n".join(lines) + "\n")
    assert prepare(small(), path).report["rows"] == dict(zip(("train", "val", "test"), rows, strict=True))
