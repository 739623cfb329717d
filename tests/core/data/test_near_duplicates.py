"""Near duplicates: those that a comparison of all pairs finds."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.data.near_duplicates import MAX_HASHES, ShingleSets, choose_bands, find_near_duplicates

WORDS = [f"word{at}" for at in range(400)]


def pairs_of(text: str) -> set[tuple[str, ...]]:
    words = text.split(" ")
    return set(pairwise(words)) or {(words[0],)}


def jaccard(first: str, second: str) -> float:
    a, b = pairs_of(first), pairs_of(second)
    return len(a & b) / len(a | b)


def changed(text: str, draw: random.Random, times: int) -> str:
    words = text.split(" ")
    for _ in range(times):
        words[draw.randrange(len(words))] = draw.choice(WORDS)
    return " ".join(words)


def corpus(seed: int, *, texts: int = 150, longest: int = 60) -> list[str]:
    """Random texts, and about as many that differ from one of them in a few words."""
    draw = random.Random(seed)
    made = [" ".join(draw.choices(WORDS, k=draw.randint(1, longest))) for _ in range(texts)]
    made += [changed(draw.choice(made), draw, draw.randint(1, 6)) for _ in range(texts)]
    return list(dict.fromkeys(made))


def groups_of(texts: list[str], min_similarity: float) -> list[int]:
    """The first row of each text's group, by comparing all with all."""
    first, pairs = list(range(len(texts))), list(map(pairs_of, texts))
    for a in range(len(texts)):
        for b in range(a):
            shared = len(pairs[a] & pairs[b])
            similarity = shared / (len(pairs[a]) + len(pairs[b]) - shared)
            if similarity >= min_similarity and first[a] != first[b]:
                low, high = sorted((first[a], first[b]))
                first = [low if row == high else row for row in first]
    return first


@pytest.mark.parametrize("min_similarity", [0.6, 0.75, 0.85])
def test_groups_are_those_of_comparing_all_pairs(min_similarity):
    for seed in range(3):
        texts = corpus(seed)
        expected = groups_of(texts, min_similarity)
        assert len(set(expected)) < len(texts) - 8
        root, _ = find_near_duplicates(pl.Series(texts), min_similarity)
        together = {(a, expected[a]) for a in range(len(texts)) if expected[a] != a}
        found = {(a, int(root[a])) for a in range(len(texts)) if root[a] != a}
        assert found <= together, "only true pairs make a group"
        assert len(found) >= 0.97 * len(together)


def test_a_match_is_an_earlier_row_that_is_similar_itself():
    texts = corpus(7)
    root, partner = find_near_duplicates(pl.Series(texts), 0.7)
    partnered = np.flatnonzero(partner >= 0)
    assert len(partnered) > 20
    for row in partnered:
        assert partner[row] < row
        assert root[partner[row]] == root[row]
        assert jaccard(texts[row], texts[partner[row]]) >= 0.7


@given(st.lists(st.text("ab ", min_size=1, max_size=12).map(lambda text: " ".join(text.split()) or "a"), min_size=2))
def test_similarity_is_the_jaccard_similarity(texts):
    rows = np.arange(len(texts))
    sets = ShingleSets.from_texts(pl.Series(texts), rows)
    found = sets.similarity(rows, rows[::-1].copy())
    assert found == pytest.approx([jaccard(texts[a], texts[b]) for a, b in zip(rows, rows[::-1], strict=True)])


def test_is_reproducible_and_hardly_depends_on_the_order_of_rows():
    texts = pl.Series(corpus(3, texts=1500, longest=30))
    result, again = find_near_duplicates(texts, 0.8, seed=5), find_near_duplicates(texts, 0.8, seed=5)
    assert all(np.array_equal(a, b) for a, b in zip(result, again, strict=True))
    order = np.random.default_rng(0).permutation(len(texts))
    moved, _ = find_near_duplicates(texts.gather(order.astype(np.uint32)), 0.8, seed=5)
    same = {frozenset(np.flatnonzero(result[0] == root).tolist()) for root in set(result[0].tolist())}
    there = {frozenset(order[moved == root].tolist()) for root in set(moved.tolist())}
    assert len(same ^ there) <= 0.02 * len(same)


def test_a_repeated_template_is_one_group_found_in_linear_time():
    frame = "order {} came very late and the box it stood in was wet and open and nobody would say why or how"
    texts = pl.Series([frame.format(at) for at in range(20_000)])
    root, _ = find_near_duplicates(texts, 0.8)
    assert not root.any()


@pytest.mark.parametrize("texts", [[], ["one"], ["one", "two"], ["a b", "a b c d e f g"]])
def test_no_near_duplicates(texts):
    root, partner = find_near_duplicates(pl.Series(texts, dtype=pl.String), 0.8)
    assert root.tolist() == list(range(len(texts)))
    assert (partner == -1).all()


@pytest.mark.parametrize("min_similarity", [0.5, 0.55, 0.7, 0.8, 0.9, 0.99])
def test_bands_miss_a_pair_of_just_that_similarity_once_in_a_hundred_times(min_similarity):
    bands, rows = choose_bands(min_similarity)
    assert bands * rows <= MAX_HASHES
    assert (1 - min_similarity**rows) ** bands <= 0.01
