"""The statistics of a comparison against published examples, scipy and the definitions."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from zoo_core.evaluation.intervals.interval import Interval, wilson_interval
from zoo_core.experiments import statistics
from zoo_core.experiments.statistics import (
    bootstrap_result,
    folds_result,
    holm_correction,
    mcnemar_p_values,
    mcnemar_result,
    paired_proportions_interval,
    required_sample_size,
    seeds_result,
)

differences = st.lists(st.floats(-1, 1).map(lambda value: round(value, 3)), min_size=2, max_size=12).map(np.array)
chances = st.lists(st.floats(0.001, 1), min_size=1, max_size=6)


def test_mcnemar_of_the_airway_data():
    """Fagerland, Lydersen & Laake 2013: of 21 children 1 and 7 changed; exact 0.070, mid-p 0.039."""
    exact, mid = mcnemar_p_values(1, 7)
    assert (round(exact, 3), round(mid, 3)) == (0.07, 0.039)


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_the_binomial_test_of_the_rows_that_differ(first, second):
    assume(first + second)
    exact, mid = mcnemar_p_values(first, second)
    rows = first + second
    assert exact == pytest.approx(stats.binomtest(first, rows).pvalue)
    point = stats.binom.pmf(first, rows, 0.5)
    assert mid == pytest.approx(1 - point / 2 if first == second else exact - point)
    assert mcnemar_p_values(second, first) == (exact, mid)


def test_no_row_that_differs_shows_nothing():
    assert mcnemar_p_values(0, 0) == (1.0, 1.0)
    same = np.array([True, False, True])
    found = mcnemar_result(same, same)
    assert (found.difference, found.p, found.interval.contains(0)) == (0, 1, True)


@given(st.integers(0, 50), st.integers(1, 50))
def test_wilson_is_scipys(hits, more):
    low, high = stats.binomtest(hits, hits + more).proportion_ci(method="wilson")
    found = wilson_interval(hits, hits + more)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


def test_paired_shares_by_hand():
    """Bonett & Price: (b + 1)/(n + 2) = 8/23 and (c + 1)/(n + 2) = 2/23."""
    found = paired_proportions_interval(7, 1, 21)
    middle, half = 6 / 23, 1.959964 * math.sqrt((10 / 23 - (6 / 23) ** 2) / 23)
    assert (found.low, found.high) == pytest.approx((middle - half, middle + half), abs=1e-6)


def test_the_corrected_t_of_scikit_learns_example():
    """Its "Statistical comparison of models using grid search" tells t = 0.750 and a one-sided p = 0.227."""
    from sklearn.datasets import make_moons
    from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
    from sklearn.svm import SVC

    texts, labels = make_moons(noise=0.352, random_state=1, n_samples=100)
    folds = RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=0)
    one, two = (
        cross_val_score(SVC(kernel=kernel), texts, labels, cv=folds, scoring="roc_auc") for kernel in ("rbf", "linear")
    )
    found = folds_result(one - two, 10 / 90)
    assert round(found.difference / math.sqrt(found.rows_variance), 3) == 0.750
    assert round(found.p / 2, 3) == 0.227


@given(differences)
def test_without_the_correction_it_is_students_test(values):
    assume(values.std() > 1e-6)
    found, oracle = folds_result(values, 0.0), stats.ttest_1samp(values, 0)
    ends = oracle.confidence_interval()
    assert found.p == pytest.approx(oracle.pvalue, abs=1e-9)
    assert (found.interval.low, found.interval.high) == pytest.approx((ends.low, ends.high), abs=1e-9)
    wider = folds_result(values, 0.25)
    assert wider.p >= found.p and wider.interval.low <= found.interval.low


@given(differences)
def test_seeds_alone_are_students_test(values):
    assume(values.std() > 1e-6)
    found, oracle = seeds_result(values, 0.0), stats.ttest_1samp(values, 0)
    assert found.p == pytest.approx(oracle.pvalue, abs=1e-6)


@given(st.floats(0.001, 1), st.floats(-3, 3), st.integers(3, 6))
def test_rows_alone_are_the_normal_test(error, difference, seeds):
    found = seeds_result(np.full(seeds, difference), error**2)
    assert found.p == pytest.approx(2 * stats.norm.sf(abs(difference) / error), abs=1e-6)


@given(differences, st.floats(0, 0.1), st.booleans())
def test_an_interval_leaves_out_nothing_just_where_p_is_small(values, rows, over_folds):
    found = folds_result(values, rows) if over_folds else seeds_result(values, rows)
    assume(abs(found.p - 0.05) > 1e-6 and found.rows_variance + found.seeds_variance > 1e-12)
    assert (found.p < 0.05) == (not found.interval.contains(0))
    assert 0 <= found.p <= 1


@pytest.mark.parametrize(
    ("seeds", "spread", "apart"), [(2, 3, 0), (3, 1, 0), (3, 10, 1), (3, 30, 0), (5, 3, 5), (5, 30, 1)]
)
def test_parts_that_are_equal_are_told_apart_one_time_in_twenty_at_most(seeds, spread, apart):
    """Each seed moves a mean over rows by `spread`; rows differ by `apart` for all seeds, by 1 for each."""
    draw = np.random.default_rng(seeds * 100 + spread)
    wrong, tries = 0, 3000
    values = math.sqrt(spread + 1) * draw.standard_normal((tries, seeds))
    values += math.sqrt(apart) * draw.standard_normal((tries, 1))
    for own in values:
        wrong += not seeds_result(own, apart + 1 / seeds).interval.contains(0)
    assert wrong / tries < 0.06


@pytest.mark.parametrize(
    "values", [[0.0] * 3, [0.01] * 3, [0.02, 0.02], [0.94 - 0.92, 0.90 - 0.88], [1.0, 1.0], [1e-300] * 2, [-0.3] * 10]
)
def test_equal_differences_without_variance_of_rows_give_no_verdict(values):
    for found in (seeds_result(np.array(values), 0.0), folds_result(np.array(values), 0.2)):
        assert (found.p, found.interval) == (1.0, Interval(-math.inf, math.inf))


def test_the_variance_of_rows_is_a_floor_for_folds():
    equal = folds_result(np.array([0.02] * 5), 0.25, 0.01**2)
    assert equal.p == pytest.approx(2 * stats.t.sf(2, 4))
    assert equal.interval.high - equal.interval.low == pytest.approx(2 * 0.01 * stats.t.ppf(0.975, 4))
    far = np.array([0.1, -0.1, 0.3, 0.02, 0.04])
    assert folds_result(far, 0.25, 0.001**2) == folds_result(far, 0.25)


def test_a_mean_over_rows_is_not_known_better_than_to_a_row():
    assert statistics.mean_variance(np.zeros(50)) == statistics.mean_variance(np.ones(50)) == 1 / 50**2
    assert statistics.mean_variance(np.array([1.0])) == math.inf
    some = np.array([0.0, 1.0, 0.0, 1.0])
    assert statistics.mean_variance(some) == pytest.approx(stats.sem(some) ** 2)
    assert seeds_result(np.array([0.1, 0.2]), math.inf).p == 1.0


def test_the_bootstrap_of_a_mean_is_near_its_formula():
    draw = np.random.default_rng(3)
    rows = draw.normal(0.1, 1.0, 400)
    drawn = np.array([rows[draw.integers(0, 400, 400)].mean() for _ in range(4000)])
    found, oracle = bootstrap_result(float(rows.mean()), drawn), stats.ttest_1samp(rows, 0)
    ends = oracle.confidence_interval()
    assert (found.interval.low, found.interval.high) == pytest.approx((ends.low, ends.high), abs=0.01)
    assert found.p == pytest.approx(oracle.pvalue, abs=0.02)
    assert found.rows_variance == pytest.approx(rows.var(ddof=1) / 400, rel=0.1)


def test_holm_of_a_worked_example():
    """R's p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm")."""
    assert holm_correction([0.01, 0.02, 0.03, 0.04, 0.05]) == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])


@given(chances)
def test_holm_is_bonferroni_of_every_set_that_holds_a_test(values):
    """The closed testing principle, Marcus, Peritz & Gabriel 1976."""
    found = holm_correction(values)
    for at in range(len(values)):
        sets = [
            own
            for size in range(1, len(values) + 1)
            for own in itertools.combinations(range(len(values)), size)
            if at in own
        ]
        assert found[at] == pytest.approx(max(min(1.0, len(own) * min(values[i] for i in own)) for own in sets))


def test_as_many_rows_as_needed_show_a_difference_four_times_in_five():
    share, difference = 0.1, 0.02  # of rows that differ
    rows = math.ceil(required_sample_size((share - difference**2) / 1000, 1000, difference))
    draw = np.random.default_rng(5)
    ways = [(share + difference) / 2, (share - difference) / 2, 1 - share]
    counts = draw.multinomial(rows, ways, size=2000)
    shown = sum(mcnemar_p_values(first, second)[1] < 0.05 for first, second, _ in counts) / 2000
    assert shown == pytest.approx(statistics.POWER, abs=0.04)


def test_no_number_of_rows_makes_up_for_seeds():
    assert required_sample_size(1e-6, 100, 0.005, fixed=1e-4) == math.inf
    assert required_sample_size(1e-6, 100, 0.005) < required_sample_size(1e-6, 100, 0.005, fixed=1e-6) < math.inf
