"""Pieces of words in explanations: summed under their word, without a change of the sum."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import zoo_core
from zoo_core.evaluation.word_pieces import group_pieces

words = st.sampled_from(["good", "food", "a b", "‹goo", "od›"])


@given(
    st.lists(st.tuples(words, st.floats(-9, 9), st.lists(st.sampled_from(["good", "food"]), max_size=2, unique=True)))
)
def test_grouping_keeps_the_sum_and_every_piece(parts):
    names, values, owners = ([part[at] for part in parts] for at in range(3))
    found = group_pieces(names, values, owners)
    assert sum(one.value for one in found) == pytest.approx(sum(values), abs=1e-9)
    assert len({one.token for one in found}) == len(found) or len(found) == len(names)
    for one in found:
        if one.pieces:
            assert sum(piece.value for piece in one.pieces) == pytest.approx(one.value, abs=1e-9)


@pytest.fixture(scope="module")
def run(small, reviews, tmp_path_factory):
    changes = (
        "vectorizer=ngrams",
        "vectorizer.min_df=1",
        "vectorizer.characters=[2, 4]",
        "vectorizer.characters_below=99",
    )
    return zoo_core.train(small(*changes), reviews, run=tmp_path_factory.mktemp("pieces") / "r")


def test_character_ngrams_are_summed_under_their_word(run):
    found = run.explain("good warm food")
    by_word = {one.token: one for one in found.contributions}
    assert {"good", "warm", "food"} <= set(by_word)
    assert all(" " in token for token in set(by_word) - {"good", "warm", "food"})
    total = found.base + sum(one.value for one in found.contributions)
    assert total == pytest.approx(found.score, abs=1e-5)
    pieces = {piece.token for piece in by_word["good"].pieces}
    assert "good" in pieces and len(pieces) > 3
    shared = pieces & {piece.token for piece in by_word["food"].pieces}
    assert shared  # "od" is a piece of both


def test_pieces_of_a_single_word_are_not_grouped(run):
    assert len(run.explain("good").contributions) > 3


def test_words_of_a_vocabulary_have_no_pieces(small, reviews, tmp_path):
    run = zoo_core.train(small(), reviews, run=tmp_path / "r")
    found = run.explain("good zzz food qqq")
    assert not any(one.pieces for one in found.contributions)
    assert {one.token for one in found.contributions} == {"<UNK>", "good", "food"}
    assert torch.tensor([one.value for one in found.contributions]).isfinite().all()
