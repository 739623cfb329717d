"""Sentences about comparisons: numbers, winners, and the required sample size."""

from __future__ import annotations

import pytest

from zoo_core.evaluation.intervals.interval import Interval
from zoo_core.experiments.analysis import Comparison
from zoo_core.experiments.comparison_sentences import SentenceStyle, comparison_sentence, round_up, sample_size_sentence
from zoo_core.experiments.statistics import PairedResult

POINTS = SentenceStyle(as_percentage_points=True, higher_is_better=True, min_effect=0.005, row_noun="test rows")
PLAIN = SentenceStyle(as_percentage_points=False, higher_is_better=False, min_effect=0.01, row_noun="rows")


def comparison(difference, low, high, verdict="not shown", *, rows=1e-5, seeds=0.0, scope="components"):
    outcome = PairedResult(difference, Interval(low, high), 0.04, "rows and seeds", rows, seeds)
    return Comparison("prelu", "relu", outcome, 0.04, verdict, scope, 1000, 3)


def test_each_verdict_has_its_sentence():
    better, worse = comparison(0.004, 0.001, 0.007, "better"), comparison(-0.004, -0.007, -0.001, "worse")
    assert comparison_sentence(better, POINTS) == "prelu beats relu by 0.4 percentage points (95% CI: 0.1 to 0.7)"
    assert comparison_sentence(worse, POINTS) == "relu beats prelu by 0.4 percentage points (95% CI: 0.1 to 0.7)"
    lower = comparison(-0.0123, -0.02, -0.0046, "better")
    assert comparison_sentence(lower, PLAIN) == "prelu beats relu by 0.0123 (95% CI: 0.0046 to 0.02)"
    model = comparison(0.004, 0.001, 0.007, "better", scope="models")
    assert comparison_sentence(model, POINTS).startswith(
        "the model with prelu beats the model with relu by 0.4 percentage points"
    )
    none = comparison_sentence(comparison(0.001, -0.006, 0.008), POINTS)
    assert none.startswith(
        "no difference shown between prelu and relu (0.1 percentage points, 95% CI: -0.6 to 0.8); about "
    )


@pytest.mark.parametrize(
    ("rows", "seeds", "sentence"),
    [
        (1e-5, 0.0, "about 2200 more test rows would be needed to detect 0.5 percentage points"),
        (1e-7, 0.0, "a difference of 0.5 percentage points would probably have been detected"),
        (1e-6, 1e-5, "about 11 more seeds would be needed to detect 0.5 percentage points"),
        (1e-5, 1e-5, "more test rows and more seeds would be needed to detect 0.5 percentage points"),
        (0.0, 0.0, "both got the same rows right"),
    ],
)
def test_names_the_required_sample_size(rows, seeds, sentence):
    half = 1.96 * (rows + seeds) ** 0.5
    assert sample_size_sentence(comparison(0.0, -half, half, rows=rows, seeds=seeds), POINTS) == sentence


@pytest.mark.parametrize(("number", "whole"), [(3, 3), (7.2, 8), (99.5, 100), (12345, 13000), (680.1, 690)])
def test_rounds_up_to_two_digits(number, whole):
    assert round_up(number) == whole


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0.0"), (1e-17, "0.0"), (-1e-17, "0.0"), (-0.002, "-0.2"), (0.0004, "0.04"), (0.115, "11.5")],
)
def test_writes_percentage_points(value, text):
    assert POINTS.number(value) == text
