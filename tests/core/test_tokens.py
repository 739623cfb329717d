"""Tokens and counts at the edges of their pieces and chunks, against plain Python."""

from __future__ import annotations

import os
from collections import Counter
from itertools import chain

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.features import tokens as module
from zoo_core.features.counting import build_bag, count_ids, map_row_ranges, unique_counts
from zoo_core.features.normalization import normalize
from zoo_core.features.tokens import Tokens, append_in_place, drop_unused, tokenize_column

WIDTH = 6
entries = st.lists(st.lists(st.integers(0, WIDTH - 1), max_size=8), max_size=10)
texts = st.lists(st.text(st.sampled_from("ab é\n"), max_size=8), max_size=10)


def cut(column: pl.Series) -> pl.Series:
    return column.str.split(" ")


def of_texts(texts: list[str], **how) -> Tokens:
    return tokenize_column(pl.Series(texts, dtype=pl.String), cut, **how)


def words_of(texts: list[str]) -> list[list[str]]:
    return [[word for word in text.split(" ") if word] for text in texts]


def listed(tokens: Tokens) -> list[list[str]]:
    return [tokens.of(row) for row in range(len(tokens))]


@pytest.fixture
def small_pieces(monkeypatch):
    monkeypatch.setattr(module, "PIECE", 2)


@pytest.mark.usefixtures("small_pieces")
@given(texts, st.data())
def test_pieces_change_nothing(texts, data):
    tokens = of_texts(texts)
    assert listed(tokens) == words_of(texts)
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=9)) if texts else []
    taken = tokens.take(np.array(rows, dtype=np.int64))
    assert listed(taken) == [words_of(texts)[row] for row in rows]
    assert taken.words.to_list() == sorted({word for row in rows for word in words_of(texts)[row]}, key=str.encode)
    assert listed(tokens) == words_of(texts)  # nothing was changed in place


@pytest.mark.usefixtures("small_pieces")
def test_many_pieces_of_codes():
    texts = [" ".join(f"w{at * 7 % 50}" for at in range(start, start + 40)) for start in range(0, 120, 40)]
    tokens = of_texts(texts)
    assert listed(tokens) == words_of(texts)
    taken = tokens.take(np.array([2, 1]))
    assert listed(taken) == words_of([texts[2], texts[1]])
    assert len(set(words_of(texts)[0])) == 40 < len(tokens.words)


@given(texts, st.data())
def test_a_slice_of_a_slice_and_what_is_taken_from_it(texts, data):
    start, stop = sorted(data.draw(st.tuples(st.integers(0, len(texts)), st.integers(0, len(texts)))))
    part = of_texts(texts).slice(start, stop)
    expected = words_of(texts)[start:stop]
    assert (len(part), part.offsets[0]) == (stop - start, 0)
    assert listed(part.slice(len(part) // 2, len(part))) == expected[len(expected) // 2 :]
    assert part.rows().tolist() == [at for at, row in enumerate(expected) for _ in row]
    backwards = part.take(np.arange(len(part))[::-1])
    assert listed(backwards) == expected[::-1]
    assert backwards.words.to_list() == sorted(set(chain(*expected)), key=str.encode)


def test_a_slice_copies_no_token():
    tokens = of_texts(["a b", "c d e", "f"])
    part = tokens.slice(1, 3)
    assert np.shares_memory(part.held, tokens.held)
    assert part.words is tokens.words


def test_codes_that_name_few_of_the_words_are_renumbered():
    made = drop_unused(
        np.array([3, 1, 3], np.int32), np.array([0, 2, 2, 3], np.int64), pl.Series(["a", "b", "c", "d", "e"])
    )
    assert (made.codes.tolist(), made.words.to_list()) == ([1, 0, 1], ["b", "d"])
    assert listed(made) == [["d", "b"], [], ["d"]]


def test_no_text_and_no_token():
    for texts in ([], ["", "  "]):
        tokens = of_texts(texts)
        assert (len(tokens), len(tokens.codes), len(tokens.words)) == (len(texts), 0, 0)
        assert listed(tokens.take(np.arange(len(texts)))) == [[]] * len(texts)
        assert (tokens.codes.dtype, tokens.offsets.dtype, tokens.words.dtype) == (np.int32, np.int64, pl.String)


def test_two_columns_do_not_share_their_words():
    """What another call saw is in no vocabulary."""
    first = of_texts(["x y"])
    second = of_texts(["z x"])
    assert (first.words.to_list(), second.words.to_list()) == (["x", "y"], ["x", "z"])
    assert (first.of(0), second.of(0)) == (["x", "y"], ["z", "x"])


@pytest.mark.parametrize("style", ["book", "unicode"])
@given(st.lists(st.text(st.sampled_from("abÉ .,!?'’9\n"), max_size=12), min_size=1, max_size=5))
def test_a_form_made_plain_again_has_the_same_tokens(style, texts):
    once = normalize(pl.Series(texts), style)
    assert listed(tokenize_column(normalize(once, style), cut)) == listed(tokenize_column(once, cut))
    marks = [[letter for letter in text if letter in ".,!?"] for text in texts]
    assert [[word for word in row if word in ".,!?"] for row in listed(tokenize_column(once, cut))] == marks


def flat(rows: list[list[int]], start: int = 0) -> tuple[np.ndarray, np.ndarray]:
    at = [number - start for number, row in enumerate(rows, start) for _ in row]
    return np.array(at, dtype=np.int64), np.array(list(chain(*rows)), dtype=np.int64)


@given(entries, st.randoms(use_true_random=False))
def test_counted_is_a_counter_of_each_row(rows, random):
    at, ids = flat(rows)
    order = np.array(random.sample(range(len(at)), len(at)), dtype=np.int64)
    found, often, lengths = count_ids(at[order], ids[order], num_rows=len(rows), width=WIDTH)
    expected = [sorted(Counter(row).items()) for row in rows]
    assert list(zip(found.tolist(), often.tolist(), strict=True)) == list(chain(*expected))
    assert lengths.tolist() == [len(row) for row in expected]
    assert (found.dtype, often.dtype) == (np.int32, np.uint8)


def test_counted_with_the_widest_ids():
    width = 2**31 - 1
    found, often, lengths = count_ids(
        np.array([2047, 0, 2047]), np.array([width - 1, width - 1, width - 1]), num_rows=2048, width=width
    )
    assert (found.tolist(), often.tolist()) == ([width - 1] * 2, [1, 2])
    assert np.flatnonzero(lengths).tolist() == [0, 2047]


def test_counts_beyond_a_byte_are_kept():
    rows = [[1], [2] * 255, [], [3] * 256]

    def work(start, stop):
        return count_ids(*flat(rows[start:stop], start), num_rows=stop - start, width=WIDTH)

    for chunk in (1, 4):
        bag = build_bag(len(rows), work, width=WIDTH, counts=True, chunk=chunk)
        assert (bag.ids.tolist(), bag.weights.tolist()) == ([1, 2, 3], [1, 255, 256])


@given(st.lists(st.integers(-5, 5), max_size=20))
def test_runs_are_a_sorted_counter(values):
    found, often = unique_counts(np.array(values, dtype=np.int64))
    assert dict(zip(found.tolist(), often.tolist(), strict=True)) == Counter(values)
    assert found.tolist() == sorted(set(values))


@given(st.lists(st.integers(0, 99), max_size=5), st.integers(0, 3))
def test_an_array_grows_by_another(more, first):
    whole = append_in_place(np.arange(first), np.array(more, dtype=np.int64))
    assert whole.tolist() == [*range(first), *more]


def test_a_null_is_no_token():
    lists = pl.Series([[None, "a"], [None], []], dtype=pl.List(pl.String))
    assert listed(tokenize_column(pl.Series(["", "", ""]), lambda _: lists)) == [["a"], [], []]


def test_columns_one_after_another_are_the_whole():
    texts = [f"a{n % 7} b{n % 3}" for n in range(9000)]
    columns = (pl.Series(texts[start:stop], dtype=pl.String) for start, stop in ((0, 5000), (5000, 5000), (5000, 9000)))
    found = tokenize_column(columns, lambda piece: piece.str.split(" "))
    assert listed(found) == [text.split(" ") for text in texts]
    assert found.counts().sum() == 18000
    assert dict(zip(found.words, found.counts().tolist(), strict=True)) == Counter(" ".join(texts).split(" "))


def test_no_more_columns_are_asked_for_than_are_being_cut():
    """Of a file's texts only those that are being cut stand in memory."""
    done, ahead = [], []

    def columns():
        for at in range(200):
            ahead.append(at - len(done))
            yield pl.Series([f"text {at}"])

    def noted(piece):
        done.append(piece)
        return cut(piece)

    assert len(tokenize_column(columns(), noted)) == 200
    assert max(ahead) <= 3 * (os.cpu_count() or 1) + 1


@pytest.mark.usefixtures("small_pieces")
@given(texts, st.data())
def test_what_is_dealt_is_what_would_be_taken(texts, data):
    names = data.draw(st.lists(st.sampled_from(["a", "b", "none"]), min_size=len(texts), max_size=len(texts)))
    rows = {name: np.flatnonzero([own == name for own in names]).astype(np.int64) for name in ("a", "b")}
    whole = of_texts(texts)
    taken = {name: whole.take(at) for name, at in rows.items()}
    dealt = whole.partition(rows)
    assert len(whole.codes) == 0  # they are spent
    for name, own in taken.items():
        assert listed(dealt[name]) == listed(own)
        assert dealt[name].codes.tolist() == own.codes.tolist() and dealt[name].words.equals(own.words)


@given(entries, st.integers(1, 40), st.booleans())
def test_a_bag_of_chunks_is_that_of_all_rows_at_once(rows, chunk, counts):
    def work(start, stop):
        return count_ids(*flat(rows[start:stop], start), num_rows=stop - start, width=WIDTH)

    bag = build_bag(len(rows), work, width=WIDTH, counts=counts, chunk=chunk)
    assert len(bag) == len(rows)
    expected = [[Counter(row)[one] for one in range(WIDTH)] for row in rows]
    if not counts:
        assert bag.weights is None
        expected = [[min(count, 1) for count in row] for row in expected]
    assert bag.to_dense().tolist() == expected
    assert bag.width == WIDTH


@pytest.mark.parametrize(
    ("rows", "pieces"), [(0, [(0, 0)]), (3, [(0, 3)]), (4, [(0, 4)]), (9, [(0, 4), (4, 8), (8, 9)])]
)
def test_chunks_of_rows_are_in_order(rows, pieces):
    assert map_row_ranges(rows, lambda start, stop: (start, stop), chunk=4) == pieces


@pytest.mark.parametrize("work", ["rows", "texts"])
def test_a_fault_in_a_chunk_is_not_lost(work):
    def failing(*_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        if work == "rows":
            map_row_ranges(9, failing, chunk=2)
        else:
            tokenize_column(pl.Series(["a"] * 9), failing, chunk=2)
