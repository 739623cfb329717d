"""Abstaining: thresholds of the largest answered share, exact intervals, and a target that holds on new rows."""

from __future__ import annotations

import math

import pytest
import torch
from scipy import stats

from zoo_core.components.decisions.decision import Decision
from zoo_core.components.head import Head
from zoo_core.errors import RecipeError
from zoo_core.evaluation.answers.abstaining import Confidences, find_accuracy_threshold
from zoo_core.evaluation.answers.shares import Share, exact_interval, require_share


def draw(rows: int, seed: int = 0) -> Confidences:
    """Confidences that tell how likely a label is right, except those above 0.99."""
    generator = torch.Generator().manual_seed(seed)
    values = 1 - 0.5 * torch.rand(rows, generator=generator, dtype=torch.float64) ** 2
    return Confidences(values, torch.rand(rows, generator=generator) < values.clamp(max=0.99))


@pytest.mark.parametrize(("count", "rows"), [(0, 1), (1, 1), (0, 30), (30, 30), (7, 30), (950, 1000)])
def test_intervals_are_those_of_scipy(count, rows):
    expected = stats.binomtest(count, rows).proportion_ci(0.95, method="exact")
    assert exact_interval(count, rows) == pytest.approx((expected.low, expected.high))


def test_a_share_of_no_rows_is_not_a_number():
    nothing = Share(0, 0)
    assert math.isnan(nothing.value)
    assert nothing.interval == (0.0, 1.0)
    assert nothing.to_json() == (None, [0.0, 1.0])
    assert (str(nothing), str(Share(3, 4))) == ("of no rows", "0.7500 (0.1941 to 0.9937)")


@pytest.mark.parametrize("value", [0, 1.5, -1, math.nan, math.inf, "0.5", None, True])
def test_shares_outside_of_0_and_1_are_rejected(value):
    with pytest.raises(RecipeError, match=r"invalid accuracy: got .*, expected a number above 0 and below 1"):
        require_share("accuracy", value)
    require_share("confidence", 1, is_one_allowed=True)


@pytest.mark.parametrize("rows", [80, 500, 2001])
@pytest.mark.parametrize("target", [0.6, 0.75, 0.85])
def test_the_largest_share_of_50_whose_interval_reaches_the_target(rows, target):
    confidences = draw(rows, seed=rows)
    found = find_accuracy_threshold(confidences, target)
    ordered = confidences.values.sort(descending=True).values.tolist()
    allowed = []
    for step in range(1, 51):  # every share is tried, with the interval of scipy
        is_answered = confidences.values >= ordered[math.ceil(rows * step / 50) - 1]
        right, count = int(confidences.is_correct[is_answered].sum()), int(is_answered.sum())
        if stats.binomtest(right, count).proportion_ci(0.95, method="exact").low >= target:
            allowed.append(count)
    assert found.measured.count == max(allowed)
    assert confidences.answered(found.value) == found.measured
    assert found.measured.accuracy.interval[0] >= target
    assert (found.value == 0) == (max(allowed) == rows)


def test_the_answered_share_falls_with_the_target_and_the_threshold():
    confidences = draw(2000)
    found = [find_accuracy_threshold(confidences, target) for target in (0.5, 0.7, 0.8, 0.85, 0.93)]
    assert [one.measured.count for one in found] == sorted((one.measured.count for one in found), reverse=True)
    assert [one.value for one in found] == sorted(one.value for one in found)
    counts = [confidences.answered(threshold).count for threshold in (0, 0.5, 0.7, 0.9, 1)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == 2000


def test_thresholds_have_few_digits_and_separate_ties():
    values = torch.tensor([0.9, 0.9, 0.9, 0.61234, 0.61231] * 40, dtype=torch.float64)
    confidences = Confidences(values, values == 0.9)
    found = find_accuracy_threshold(confidences, 0.9)
    assert (found.value, found.measured.count, found.measured.correct) == (0.9, 120, 120)
    assert find_accuracy_threshold(Confidences(values, values > 0.61231), 0.8).value == 0.61234


@pytest.mark.parametrize("rows", [1, 10, 300])
def test_the_best_that_can_be_reached_is_said_and_can_be_reached(rows):
    confidences = draw(rows)
    with pytest.raises(RecipeError, match=r"no confidence threshold reaches an accuracy of 0.999: the best") as caught:
        find_accuracy_threshold(confidences, 0.999, "runs/x")
    assert caught.value.problems[0].where == "runs/x"
    if hint := caught.value.problems[0].hint:
        best = float(hint.split()[2])
        assert find_accuracy_threshold(confidences, best).measured.count
        with pytest.raises(RecipeError):
            find_accuracy_threshold(confidences, best + 0.001)


def test_the_target_holds_on_new_rows_in_at_least_95_of_100_draws():
    target, new = 0.9, draw(200_000, seed=-1)
    kept = []
    for seed in range(200):
        try:
            found = find_accuracy_threshold(draw(400, seed), target)
        except RecipeError:  # nothing is answered
            continue
        kept.append(new.answered(found.value).accuracy.value >= target)
    assert len(kept) > 150
    assert sum(kept) >= 0.95 * len(kept)


def test_confidence_is_that_of_the_predicted_label():
    head = Head(("no", "yes"), 1, "sigmoid", decision=Decision.of_threshold(0.2))
    scores = torch.tensor([[-1.0], [-3.0], [2.0]])
    confidences = Confidences.of_scores(head, scores, torch.tensor([1, 0, 0]))
    expected = [torch.sigmoid(torch.tensor(x)).item() for x in (-1.0, 3.0, 2.0)]  # "yes" from 0.2 on
    assert confidences.values.tolist() == pytest.approx(expected)
    assert confidences.is_correct.tolist() == [True, True, False]
