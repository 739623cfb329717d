"""Tokens against plain Python: tokenizing, selecting rows, and chunks that change nothing."""

from __future__ import annotations

import os
from collections import Counter
from itertools import chain

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.features.counting import map_row_ranges
from zoo_core.features.tokens import Tokens, append_in_place, drop_unused, remap, tokenize_column, used_codes

texts = st.lists(st.text(st.sampled_from("ab é\n"), max_size=8), max_size=10)
word_texts = st.lists(
    st.lists(st.sampled_from(["good", "bad", "", "é", "\n", "a\tb"]), max_size=5).map(" ".join), max_size=12
)


def split_words(column: pl.Series) -> pl.Series:
    return column.str.split(" ")


def tokens_of(texts: list[str], **options) -> Tokens:
    return tokenize_column(pl.Series(texts, dtype=pl.String), split_words, **options)


def words_of(texts: list[str]) -> list[list[str]]:
    return [[word for word in text.split(" ") if word] for text in texts]


def rows_of(tokens: Tokens) -> list[list[str]]:
    return [tokens.row(row) for row in range(len(tokens))]


@given(texts, st.data())
def test_take_copies_rows_and_only_their_words(texts, data):
    tokens = tokens_of(texts)
    assert rows_of(tokens) == words_of(texts)
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=9)) if texts else []
    taken = tokens.take(np.array(rows, dtype=np.int64), chunk=2)
    assert rows_of(taken) == [words_of(texts)[row] for row in rows]
    assert taken.words.to_list() == sorted({word for row in rows for word in words_of(texts)[row]}, key=str.encode)
    assert rows_of(tokens) == words_of(texts)  # nothing was changed in place


def test_take_of_many_chunks():
    texts = [" ".join(f"w{at * 7 % 50}" for at in range(start, start + 40)) for start in range(0, 120, 40)]
    tokens = tokens_of(texts)
    assert rows_of(tokens) == words_of(texts)
    taken = tokens.take(np.array([2, 1]), chunk=1)
    assert rows_of(taken) == words_of([texts[2], texts[1]])
    assert len(set(words_of(texts)[0])) == 40 < len(tokens.words)


@given(texts, st.data())
def test_slice_of_slice_and_take_from_slice(texts, data):
    start, stop = sorted(data.draw(st.tuples(st.integers(0, len(texts)), st.integers(0, len(texts)))))
    part = tokens_of(texts).slice(start, stop)
    expected = words_of(texts)[start:stop]
    assert (len(part), part.offsets[0]) == (stop - start, 0)
    assert rows_of(part.slice(len(part) // 2, len(part))) == expected[len(expected) // 2 :]
    assert part.row_ids().tolist() == [at for at, row in enumerate(expected) for _ in row]
    backwards = part.take(np.arange(len(part))[::-1])
    assert rows_of(backwards) == expected[::-1]
    assert backwards.words.to_list() == sorted(set(chain(*expected)), key=str.encode)


def test_slice_shares_memory():
    tokens = tokens_of(["a b", "c d e", "f"])
    part = tokens.slice(1, 3)
    assert np.shares_memory(part.raw_codes, tokens.raw_codes)
    assert part.words is tokens.words


def test_drop_unused_renumbers_codes():
    tokens = drop_unused(
        np.array([3, 1, 3], np.int32), np.array([0, 2, 2, 3], np.int64), pl.Series(["a", "b", "c", "d", "e"])
    )
    assert (tokens.codes.tolist(), tokens.words.to_list()) == ([1, 0, 1], ["b", "d"])
    assert rows_of(tokens) == [["d", "b"], [], ["d"]]


def test_no_texts_and_no_tokens():
    for texts in ([], ["", "  "]):
        tokens = tokens_of(texts)
        assert (len(tokens), len(tokens.codes), len(tokens.words)) == (len(texts), 0, 0)
        assert rows_of(tokens.take(np.arange(len(texts)))) == [[]] * len(texts)
        assert (tokens.codes.dtype, tokens.offsets.dtype, tokens.words.dtype) == (np.int32, np.int64, pl.String)


def test_columns_do_not_share_words():
    first = tokens_of(["x y"])
    second = tokens_of(["z x"])
    assert (first.words.to_list(), second.words.to_list()) == (["x", "y"], ["x", "z"])
    assert (first.row(0), second.row(0)) == (["x", "y"], ["z", "x"])


@given(st.lists(st.integers(0, 99), max_size=5), st.integers(0, 3))
def test_append_in_place(more, first):
    array = append_in_place(np.arange(first), np.array(more, dtype=np.int64))
    assert array.tolist() == [*range(first), *more]


def test_nulls_are_left_out():
    lists = pl.Series([[None, "a"], [None], []], dtype=pl.List(pl.String))
    assert rows_of(tokenize_column(pl.Series(["", "", ""]), lambda _: lists)) == [["a"], [], []]


def test_several_columns_are_one_text_after_another():
    texts = [f"a{n % 7} b{n % 3}" for n in range(9000)]
    columns = (pl.Series(texts[start:stop], dtype=pl.String) for start, stop in ((0, 5000), (5000, 5000), (5000, 9000)))
    tokens = tokenize_column(columns, lambda column: column.str.split(" "))
    assert rows_of(tokens) == [text.split(" ") for text in texts]
    assert tokens.counts().sum() == 18000
    assert dict(zip(tokens.words, tokens.counts(chunk=100).tolist(), strict=True)) == Counter(
        " ".join(texts).split(" ")
    )


def test_columns_are_read_as_they_are_tokenized():
    """Only the texts that are being tokenized are in memory."""
    done, read_ahead = [], []

    def columns():
        for at in range(200):
            read_ahead.append(at - len(done))
            yield pl.Series([f"text {at}"])

    def recorded(column):
        done.append(column)
        return split_words(column)

    assert len(tokenize_column(columns(), recorded)) == 200
    assert max(read_ahead) <= 3 * (os.cpu_count() or 1) + 1


@given(texts, st.data())
def test_partition_equals_take(texts, data):
    names = data.draw(st.lists(st.sampled_from(["a", "b", "none"]), min_size=len(texts), max_size=len(texts)))
    rows = {name: np.flatnonzero([chosen == name for chosen in names]).astype(np.int64) for name in ("a", "b")}
    whole = tokens_of(texts)
    taken = {name: whole.take(at) for name, at in rows.items()}
    parts = whole.partition(rows, chunk=2)
    assert len(whole.codes) == 0  # consumed
    for name, selected in taken.items():
        assert rows_of(parts[name]) == rows_of(selected)
        assert parts[name].codes.tolist() == selected.codes.tolist() and parts[name].words.equals(selected.words)


@pytest.mark.parametrize("work", ["rows", "texts"])
def test_error_in_a_chunk_is_raised(work):
    def failing(*_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        if work == "rows":
            map_row_ranges(9, failing, chunk=2)
        else:
            tokenize_column(pl.Series(["a"] * 9), failing, chunk=2)


@given(word_texts, st.integers(1, 5))
def test_tokens_equal_str_split_for_any_chunk(texts, chunk):
    tokens = tokenize_column(pl.Series(texts, dtype=pl.String), split_words, chunk=chunk)
    expected = [[word for word in text.split(" ") if word] for text in texts]
    assert [tokens.row(row) for row in range(len(tokens))] == expected
    assert tokens.words.to_list() == sorted({word for row in expected for word in row}, key=str.encode)
    assert tokens.row_ids().tolist() == [at for at, row in enumerate(expected) for _ in row]
    whole = tokenize_column(pl.Series(texts, dtype=pl.String), split_words)
    assert np.array_equal(tokens.codes, whole.codes)
    assert np.array_equal(tokens.offsets, whole.offsets)
    assert (tokens.codes.dtype, tokens.offsets.dtype) == (np.int32, np.int64)


def test_tokens_do_not_depend_on_threads():
    texts = pl.Series([f"word{at % 977} is {at % 13}" for at in range(20_000)])
    one, two = tokenize_column(texts, split_words, chunk=500), tokenize_column(texts, split_words, chunk=7000)
    assert np.array_equal(one.codes, two.codes)
    assert one.words.equals(two.words)
    assert one.row(19_999) == texts[19_999].split(" ")


@given(st.lists(st.integers(0, 30), max_size=40), st.integers(1, 9))
def test_chunked_scans_of_codes(codes, chunk):
    array = np.array(codes, dtype=np.int32)
    assert used_codes(array, chunk=chunk).tolist() == sorted(set(codes))
    numbers = np.arange(31, dtype=np.int32)[::-1].copy()
    assert remap(array, numbers, chunk=chunk).tolist() == [30 - code for code in codes]
