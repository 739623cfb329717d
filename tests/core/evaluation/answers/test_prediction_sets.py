"""Prediction sets: equal to MAPIE's and to a plain search, covering as promised, and growing with the coverage."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import torch

from benchmarks.programs.mapie_sets import make_scores
from zoo_core.evaluation.answers.prediction_sets import CoveredRows, fewest_rows, prediction_sets, set_thresholds

# MAPIE 1.6.0: `python -m benchmarks.programs.mapie_sets`; for each row the classes in its set
MAPIE_SETS = {
    0.5: (
        "0001 0001 1100 1000 1000 0110 1000 0011 0010 0101 0100 0001 0000 0100 0010 "
        "1000 1000 0001 0000 1000 1010 0100 0010 1100 0010 1100 0001 0000 1000 0110"
    ),
    0.8: (
        "0001 0101 1100 1010 1000 0110 1001 0011 0110 0101 0101 0001 1110 0110 0011 "
        "1001 1000 1011 1111 1000 1010 0101 0010 1100 1110 1100 0111 1110 1000 0110"
    ),
    0.9: (
        "0001 1111 1100 1010 1010 0110 1101 0011 0110 0101 1101 0101 1110 0110 0011 "
        "1111 1001 1011 1111 1000 1010 0101 0110 1110 1110 1100 0111 1111 1100 0110"
    ),
    0.95: (
        "0001 1111 1100 1110 1010 0110 1111 0011 0111 0101 1111 1101 1111 1110 0111 "
        "1111 1101 1011 1111 1000 1011 0101 1110 1110 1110 1100 0111 1111 1101 0111"
    ),
}


def draw(rows: int, classes: int = 3, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Probabilities `(rows, classes)` and classes that are drawn from sharper ones, so that they are miscalibrated."""
    generator = torch.Generator().manual_seed(seed)
    logits = 2 * torch.randn(rows, classes, generator=generator)
    return logits.softmax(dim=1), torch.multinomial((1.5 * logits).softmax(dim=1), 1, generator=generator).squeeze(1)


@pytest.mark.parametrize("coverage", MAPIE_SETS)
def test_sets_are_those_of_mapie(coverage):
    values, targets, others = map(torch.tensor, make_scores())
    sets = prediction_sets(others, set_thresholds(values, targets, coverage))
    assert ["".join(map(str, row)) for row in sets.int().tolist()] == MAPIE_SETS[coverage].split()


def plain_threshold(true_values, coverage):
    """The highest of the values that at least (n + 1) coverage values reach, or -inf; all are tried."""
    needed = (len(true_values) + 1) * Fraction(str(coverage))
    reached = [value for value in true_values if sum(other >= value for other in true_values) >= needed]
    return max(reached, default=-math.inf)


@pytest.mark.parametrize("rows", [1, 4, 9, 19, 60])
@pytest.mark.parametrize("coverage", [0.1, 0.5, 0.7, 0.9, 0.95, 0.999])
def test_thresholds_are_those_of_a_plain_search(rows, coverage):
    values, targets = draw(rows, seed=rows)
    values = (values * 20).round() / 20  # with ties
    true_values = values.gather(1, targets[:, None])[:, 0].tolist()
    assert set_thresholds(values, targets, coverage).tolist() == [plain_threshold(true_values, coverage)] * 3
    pairs = list(zip(true_values, targets.tolist(), strict=True))
    by_class = [plain_threshold([value for value, label in pairs if label == own], coverage) for own in range(3)]
    assert set_thresholds(values, targets, coverage, by_class=True).tolist() == by_class


def test_sets_grow_with_the_coverage():
    (values, targets), (others, _) = draw(200), draw(300, seed=1)
    for by_class in (False, True):
        grown = [
            prediction_sets(others, set_thresholds(values, targets, coverage, by_class=by_class))
            for coverage in np.linspace(0.05, 0.995, 30).round(3).tolist()
        ]
        assert all((smaller <= larger).all() for smaller, larger in pairwise(grown))
        assert grown[-1].float().mean() > grown[0].float().mean()


@pytest.mark.parametrize("coverage", [0.5, 0.9, 0.95, 0.99, 0.3])
def test_too_few_rows_put_a_class_into_every_set(coverage):
    fewest = fewest_rows(coverage)
    for rows in {max(fewest - 1, 1), fewest}:
        values, targets = draw(rows)
        is_unbounded = set_thresholds(values, targets, coverage).isneginf().all()
        assert bool(is_unbounded) == (rows < fewest)
    values, targets = torch.tensor([[0.9, 0.1]] * 99), torch.zeros(99, dtype=torch.long)
    thresholds = set_thresholds(values, targets, 0.9, by_class=True)
    assert thresholds.tolist() == [pytest.approx(0.9), -math.inf]
    assert prediction_sets(torch.tensor([[1.0, 0.0]]), thresholds).tolist() == [[True, True]]


def test_the_predicted_label_is_in_its_set():
    (values, targets), (others, _) = draw(100), draw(200, seed=1)
    thresholds = set_thresholds(values, targets, 0.2)
    assert not prediction_sets(others, thresholds).any(dim=1).all()  # a low coverage leaves sets empty
    predicted = others.argmin(dim=1)  # any rule of decision
    sets = prediction_sets(others, thresholds, predicted)
    assert sets.gather(1, predicted[:, None]).all()
    assert (sets >= prediction_sets(others, thresholds)).all()


@pytest.mark.parametrize("by_class", [False, True])
def test_new_rows_are_covered(by_class):
    """The mean over draws is at least the coverage, and not more than that by 1 / (n + 1), up to chance."""
    rows, coverage, draws = 59, 0.9, 200
    found = []
    for seed in range(draws):
        values, targets = draw(rows + 200, classes=2, seed=seed)
        own = targets[:rows]
        thresholds = set_thresholds(values[:rows], own, coverage, by_class=by_class)
        sets, others = prediction_sets(values[rows:], thresholds), targets[rows:]
        covered = CoveredRows.by_class(sets, others, ("a", "b")) if by_class else [CoveredRows.of_sets(sets, others)]
        found.append([part.coverage.value for part in covered])
    means = np.mean(found, axis=0)
    assert (np.abs(means - coverage - 0.01) < 0.03).all(), means


def test_rows_are_counted():
    sets = torch.tensor([[True, False], [True, True], [False, True], [False, False]])
    targets = torch.tensor([0, 1, 0, 0])
    counted = CoveredRows.of_sets(sets, targets)
    assert (counted.rows, counted.covered, counted.mean_size) == (4, 2, 1.0)
    first, second = CoveredRows.by_class(sets, targets, ("a", "b"))
    assert (first.coverage.value, second.coverage.value, second.label) == (1 / 3, 1.0, "b")
    assert CoveredRows.of_sets(sets[:0], targets[:0]).to_dict() == {
        "rows": 0,
        "coverage": None,
        "mean_size": None,
        "intervals": {"coverage": [0.0, 1.0]},
    }
