"""False verdicts: simulated variants of equal quality are told apart in at most 5 % of all tries."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.false_verdicts import POPULATIONS, Design, simulate, verdict_rate
from zoo_core.experiments.analysis import compare_variants, estimate_mean, paired_result
from zoo_core.experiments.scoring import TrialScores

TRIES = 100
DESIGNS = [
    Design(folds=2, rows=8, seeds=1, variants=2, metric="accuracy"),
    Design(folds=2, rows=41, seeds=1, variants=4, metric="accuracy"),
    Design(folds=3, rows=20, seeds=1, variants=2, metric="accuracy"),
    Design(folds=1, rows=8, seeds=5, variants=2, metric="accuracy"),
    Design(folds=1, rows=20, seeds=1, variants=2, metric="loss"),
    Design(folds=1, rows=8, seeds=1, variants=2, metric="f1"),
    Design(folds=2, rows=20, seeds=1, variants=2, metric="f1"),
]


@pytest.mark.parametrize("design", DESIGNS, ids=lambda one: f"{one.metric}-{one.folds}-{one.rows}-{one.seeds}")
def test_equal_variants_are_told_apart_one_time_in_twenty_at_most(design):
    rates = [verdict_rate(design, population, TRIES) for population in POPULATIONS[:3]]
    assert np.mean([rate for rate, _ in rates]) <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / (3 * TRIES))


def test_a_real_difference_is_shown():
    design = Design(folds=5, rows=100, seeds=1, variants=2, metric="accuracy")
    assert verdict_rate(design, POPULATIONS[0], 60, effect=1.0)[0] > 0.9


@pytest.mark.parametrize("folds", [2, 3, 5, 10])
@pytest.mark.parametrize("metric", ["accuracy", "f1", "loss"])
def test_folds_that_agree_by_chance_do_not_show_a_difference(folds, metric):
    """In every fold one row of many differs, the same way: the rows could have differed the other way."""
    design = Design(folds, 41, 1, 2, metric)
    first, second = simulate(design, POPULATIONS[4], np.random.default_rng(1))
    if metric == "accuracy":
        correct = np.arange(41) % 4 > 0
        second = {
            key: TrialScores(float(correct.mean()), 41, 50, correct=correct, value_range=(0.0, 1.0)) for key in first
        }
        better = correct | (np.arange(41) == 0)
        first = {
            key: TrialScores(float(better.mean()), 41, 50, correct=better, value_range=(0.0, 1.0)) for key in first
        }
    else:  # equal differences in spite of the rows
        first = {key: _moved(second[key], 0.02, first[key]) for key in first}
    (comparison,) = compare_variants(["a", "b"], [first, second], higher_is_better=True)
    assert comparison.verdict == "not shown" or folds == 10
    assert comparison.result.interval.high - comparison.result.interval.low > 0.01


def _moved(trial, by, sampled):
    """A trial with another value, and the bootstrap values of another trial."""
    return TrialScores(trial.value + by, trial.rows, trial.train_rows, bootstrap_values=sampled.bootstrap_values)


@pytest.mark.parametrize("keys", [[(0, 0)], [(0, 0), (1, 0)], [(0, 1), (0, 2)]], ids=["rows", "seeds", "folds"])
def test_rounding_errors_do_not_show_that_variants_are_equal(keys):
    """Both rank ten rows without an error; the values differ by a rounding error here and there."""
    exact = TrialScores(1.0, 10, 30, bootstrap_values=np.ones(50), value_range=(0.0, 1.0))
    rounded = TrialScores(1 - 1e-16, 10, 30, bootstrap_values=np.array([1.0, 1 - 1e-16] * 25), value_range=(0.0, 1.0))
    first, second = (dict.fromkeys(keys, trial) for trial in (exact, rounded))
    (comparison,) = compare_variants(["a", "b"], [first, second], higher_is_better=True)
    assert (comparison.result.difference, comparison.result.p, comparison.verdict) == (0, 1, "not shown")
    assert (comparison.result.interval.low, comparison.result.interval.high) == (-1, 1)


def test_intervals_end_at_the_range_of_the_metric():
    rows = np.arange(6)
    right, wrong = ({(0, fold): _accuracy(rows >= limit) for fold in (1, 2)} for limit in (0, 5))
    paired = paired_result(right, wrong)
    assert paired is not None
    assert paired[0].interval.high == 1.0 and paired[0].interval.low >= -1.0
    assert estimate_mean(right).interval.high == 1.0 and estimate_mean(right).interval.low < 1.0
    f1 = {
        (0, fold): TrialScores(
            0.9, 6, 6, bootstrap_values=np.array([0.2, 1.0] * 50) * (2 - fold), value_range=(0.0, 1.0)
        )
        for fold in (1, 2)
    }
    assert estimate_mean(f1).interval.high == 1.0
    free = {key: TrialScores(0.9, 6, 6, bootstrap_values=trial.bootstrap_values) for key, trial in f1.items()}
    assert estimate_mean(free).interval.high > 1.0


def _accuracy(correct):
    return TrialScores(float(np.mean(correct)), len(correct), len(correct), correct=correct, value_range=(0.0, 1.0))


@pytest.mark.parametrize("folds", [0, 2, 5])
@pytest.mark.parametrize("seeds", [1, 2, 3])
@pytest.mark.parametrize("rows", [1, 2, 5])
def test_equal_trials_and_single_rows_have_no_verdict(folds, seeds, rows):
    keys = [(seed, fold) for seed in range(seeds) for fold in (range(1, folds + 1) or [0])]
    same = {key: _accuracy(np.ones(rows, dtype=bool)) for key in keys}
    loss = {key: TrialScores(0.25, rows, 5, bootstrap_values=np.full(20, 0.25)) for key in keys}
    more = {key: TrialScores(0.75, rows, 5, bootstrap_values=np.full(20, 0.75)) for key in keys}
    for first, second in ((same, same), (loss, loss), (loss, more)):
        (comparison,) = compare_variants(["a", "b"], [first, second], higher_is_better=True)
        assert comparison.verdict == "not shown"
        assert comparison.p_holm == 1.0
