"""Texts made plain and cut into tokens: what plain Python gives, whatever the chunks."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.features.normalization import normalize
from zoo_core.features.tokens import tokenize_column
from zoo_core.parallel import map_chunks

ANY = st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=20), min_size=1, max_size=6)
WORDS = st.lists(
    st.lists(st.sampled_from(["good", "bad", "", "é", "\n", "a\tb"]), max_size=5).map(" ".join), max_size=12
)


def book(text: str) -> str:
    """The textbook's `preprocess_text` (Rao & McMahan, section 3.6)."""
    text = text.lower()
    text = re.sub(r"([.,!?])", r" \1 ", text)
    return re.sub(r"[^a-zA-Z.,!?]+", r" ", text)


@given(ANY)
def test_the_books_form(texts):
    assert normalize(pl.Series(texts), "book").to_list() == [book(text) for text in texts]


@pytest.mark.parametrize(
    "text", ["", " ", "NA", "I'm 100% sure!!", "a\n\nb\\n", "ÉTÉ", "...", "İ", "ß", "don’t", "1,000.5"]
)
def test_the_books_form_of_odd_texts(text):
    assert normalize(pl.Series([text]), "book").to_list() == [book(text)]


def of_any_script(text: str) -> str:
    """The same idea for every script, character by character."""
    plain = ""
    for character in unicodedata.normalize("NFKC", text).lower().replace("’", "'"):
        if character in MARKS or unicodedata.category(character)[0] == "S":
            plain += f" {character} "
        else:
            plain += character if unicodedata.category(character)[0] in "LMN" or character == "'" else " "
    return re.sub(" +", " ", plain)


MARKS = ".,!?。，！？"
SCRIPTS = st.text(
    st.one_of(st.characters(max_codepoint=0x233), st.sampled_from("жДñ नमस्ते好吃。！½ﬁ’'²Ⅳ…")), max_size=20
)


@given(st.lists(SCRIPTS, min_size=1, max_size=6))
def test_the_unicode_form(texts):
    found = normalize(pl.Series(texts), "unicode").to_list()
    assert [re.sub(" +", " ", text) for text in found] == [of_any_script(text) for text in texts]


@pytest.mark.parametrize("style", ["book", "unicode", "none"])
@given(texts=ANY)
def test_each_text_is_made_plain_from_itself_alone(style, texts):
    whole = normalize(pl.Series(texts), style).to_list()
    assert whole == [normalize(pl.Series([text]), style).item() for text in texts]
    assert style != "none" or whole == texts


def cut(texts: pl.Series) -> pl.Series:
    return texts.str.split(" ")


@given(WORDS, st.integers(1, 5))
def test_tokens_are_those_of_str_split_whatever_the_chunks(texts, chunk):
    tokens = tokenize_column(pl.Series(texts, dtype=pl.String), cut, chunk=chunk)
    expected = [[word for word in text.split(" ") if word] for text in texts]
    assert [tokens.of(row) for row in range(len(tokens))] == expected
    assert tokens.words.to_list() == sorted({word for row in expected for word in row}, key=str.encode)
    assert tokens.rows().tolist() == [at for at, row in enumerate(expected) for _ in row]
    whole = tokenize_column(pl.Series(texts, dtype=pl.String), cut)
    assert np.array_equal(tokens.codes, whole.codes)
    assert np.array_equal(tokens.offsets, whole.offsets)
    assert (tokens.codes.dtype, tokens.offsets.dtype) == (np.int32, np.int64)


@given(WORDS.filter(bool), st.data())
def test_take_and_slice(texts, data):
    tokens = tokenize_column(pl.Series(texts), cut)
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=20))
    taken = tokens.take(np.array(rows, dtype=np.int64))
    assert [taken.of(at) for at in range(len(taken))] == [tokens.of(row) for row in rows]
    assert set(taken.words) == {word for row in rows for word in tokens.of(row)}
    start, stop = sorted(data.draw(st.tuples(st.integers(0, len(texts)), st.integers(0, len(texts)))))
    part = tokens.slice(start, stop)
    assert [part.of(at) for at in range(len(part))] == [tokens.of(row) for row in range(start, stop)]
    assert [tokens.of(row) for row in range(len(tokens))] == [[w for w in text.split(" ") if w] for text in texts]


def test_many_texts_on_many_cores_are_the_same_every_time():
    texts = pl.Series([f"word{at % 977} is {at % 13}" for at in range(20_000)])
    one, two = tokenize_column(texts, cut, chunk=500), tokenize_column(texts, cut, chunk=7000)
    assert np.array_equal(one.codes, two.codes)
    assert one.words.equals(two.words)
    assert one.of(19_999) == texts[19_999].split(" ")


def test_chunks_are_consecutive_and_in_order():
    column = pl.Series(range(10))
    assert [piece.to_list() for piece in map_chunks(column, lambda piece: piece, chunk=4)] == [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [8, 9],
    ]
    assert [len(piece) for piece in map_chunks(column.head(0), lambda piece: piece, chunk=4)] == [0]
