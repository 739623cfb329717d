"""The most similar texts."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from zoo_core.features.tokens import tokenize_column
from zoo_core.suspects.neighbors import CodedTexts, nearest_texts

LONG = [
    "the soup was cold and the waiter was rude to us all evening",
    "the soup was cold and the waiter was kind to us all evening",
    "a lovely garden with roses and a fine old fountain in the middle",
    "the room was dark and the bed was hard and we slept badly there",
]


def nearest(texts, asked, count=3, keys=None):
    column = pl.Series(texts)
    coded = CodedTexts.of(tokenize_column(column, lambda chunk: chunk.str.split(" ")), column)
    return list(nearest_texts(coded, asked, count, column.hash().to_numpy() if keys is None else keys))


def test_most_similar_text_is_first():
    (found,) = nearest(LONG, [0])
    assert [row for row, _ in found] == [1, 3, 2]
    assert found[0][1] > 0.5 > found[1][1] > 0


def test_copies_are_left_out():
    (found,) = nearest([*LONG, LONG[0]], [0])
    assert 4 not in [row for row, _ in found]


def test_short_texts_are_compared_by_their_characters():
    (found,) = nearest(["Lichtenberg", "Lichtenburg", "Rossi", "Bianchi"], [0])
    assert [row for row, _ in found] == [1]


def test_texts_without_anything_in_common_have_no_neighbors():
    assert nearest(["abcdef", "uvwxyz", "", "g"], [0, 3]) == [[], []]


def test_similarity_is_the_cosine_of_weighted_trigrams():
    texts = ["abab", "abac", "xyz"]
    grams = [{" ab", "aba", "bab", "ab "}, {" ab", "aba", "bac", "ac "}, {" xy", "xyz", "yz "}]
    weight = {gram: np.log(4 / sum(gram in one for one in grams)) ** 2 for one in grams for gram in one}
    norms = [np.sqrt(sum(map(weight.get, one))) for one in grams]
    (((row, similarity),),) = nearest(texts, [0])
    assert row == 1
    assert similarity == pytest.approx(sum(map(weight.get, grams[0] & grams[1])) / (norms[0] * norms[1]))


def test_order_of_rows_changes_no_similarity():
    order = [2, 0, 3, 1]
    (first,), (moved,) = nearest(LONG, [0]), nearest([LONG[row] for row in order], [1])
    assert [(order[row], round(value, 9)) for row, value in moved] == [(row, round(value, 9)) for row, value in first]
