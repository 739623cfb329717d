"""Diverse rows: the choice of a plain Python program, for every layout."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from zoo_core.features.bag import Bag
from zoo_core.features.layouts import Dense, Sequence
from zoo_core.runs.labeling import diversity
from zoo_core.runs.labeling.diversity import choose_diverse, unit_vectors


def vectors(rows: int = 30, width: int = 6, seed: int = 0) -> np.ndarray:
    draw = np.random.default_rng(seed)
    return draw.integers(0, 3, (rows, width)) * (draw.random((rows, width)) < 0.4)


def bag_of(matrix: np.ndarray) -> Bag:
    rows, ids = matrix.nonzero()
    offsets = torch.from_numpy(np.concatenate([[0], np.bincount(rows, minlength=len(matrix)).cumsum()]))
    return Bag(torch.from_numpy(ids).int(), offsets, torch.from_numpy(matrix[rows, ids]).float(), matrix.shape[1])


def sequence_of(matrix: np.ndarray) -> Sequence:
    ids = [[at for at, times in enumerate(row) for _ in range(times)] for row in matrix]
    offsets = torch.tensor([0, *np.cumsum([len(row) for row in ids])])
    return Sequence(torch.tensor([at for row in ids for at in row], dtype=torch.int32), offsets, matrix.shape[1])


LAYOUTS = {
    "bag": bag_of,
    "sequence": sequence_of,
    "dense": lambda matrix: Dense(torch.from_numpy(matrix).float()),
}


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    lengths = np.linalg.norm(one) * np.linalg.norm(other)
    return float(one @ other / lengths) if lengths else float(not one.any() and not other.any())


def plain_choice(matrix: np.ndarray, margins: np.ndarray, count: int) -> list[int]:
    """The definition, row by row."""
    chosen: list[int] = []
    for _ in range(count):
        best, found = -np.inf, -1
        for row in range(len(matrix)):
            near = max((cosine(matrix[row], matrix[other]) for other in chosen), default=0.0)
            value = (margins.max() - margins[row]) / (margins.max() - margins.min()) - near
            if row not in chosen and value > best + 1e-12:
                best, found = value, row
        chosen.append(found)
    return chosen


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("seed", range(3))
def test_choice_of_a_plain_python_program(layout, seed):
    matrix = vectors(seed=seed)
    margins = np.random.default_rng(seed).random(len(matrix))
    assert choose_diverse(LAYOUTS[layout](matrix), margins, 12) == plain_choice(matrix, margins, 12)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_vectors_have_length_1(layout):
    made = unit_vectors(LAYOUTS[layout](vectors())).toarray()
    assert np.linalg.norm(made, axis=1) == pytest.approx(1)


def test_more_rows_than_there_are():
    assert sorted(choose_diverse(bag_of(vectors(5)), np.zeros(5), 9)) == [0, 1, 2, 3, 4]
    assert choose_diverse(bag_of(np.zeros((0, 3), dtype=np.int64)), np.zeros(0), 4) == []


def test_equal_margins_and_equal_texts_are_taken_in_their_order():
    assert choose_diverse(bag_of(np.ones((4, 2), dtype=np.int64)), np.full(4, 0.3), 3) == [0, 1, 2]


def test_copies_come_after_rows_that_are_a_little_surer():
    matrix = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    assert choose_diverse(bag_of(matrix), np.array([0.0, 0.01, 0.2, 0.9]), 2) == [0, 2]


def test_very_many_rows_are_chosen_by_margin_alone(monkeypatch):
    monkeypatch.setattr(diversity, "MAX_PAIRS", 10)
    matrix, margins = vectors(), np.random.default_rng(0).random(30)
    assert choose_diverse(bag_of(matrix), margins, 5) == np.argsort(margins)[:5].tolist()
