"""Comparisons of variants: pairing, verdicts, and what they are about."""

from __future__ import annotations

import numpy as np
import pytest

from zoo_core.experiments.analysis import compare_variants, estimate_mean, paired_result, summarize_variant
from zoo_core.experiments.comparison_sentences import SentenceStyle, comparison_sentence
from zoo_core.experiments.scoring import TrialScores

STYLE = SentenceStyle(as_percentage_points=True, higher_is_better=True, min_effect=0.005, row_noun="rows")


def trial(correct):
    return TrialScores(float(np.mean(correct)), len(correct), 100, correct=np.asarray(correct), value_range=(0.0, 1.0))


@pytest.fixture
def scores():
    """Four trials of a variant, and of a better one, on 400 rows."""
    draw = np.random.default_rng(0)
    worse = {(seed, 0): trial(draw.random(400) < 0.6) for seed in range(4)}
    better = {key: trial(own.correct | (draw.random(400) < 0.5)) for key, own in worse.items()}
    return worse, better


def test_several_trainings_compare_components(scores):
    (comparison,) = compare_variants(["a", "b"], scores, higher_is_better=True)
    assert (comparison.verdict, comparison.scope, comparison.trials) == ("better", "components", 4)
    sentence = comparison_sentence(comparison, STYLE)
    assert sentence.startswith("b beats a by ") and "model" not in sentence


def test_one_training_each_compares_models(scores):
    single = [{(0, 0): variant[0, 0]} for variant in scores]
    (comparison,) = compare_variants(["a", "b"], single, higher_is_better=True)
    assert (comparison.verdict, comparison.scope) == ("better", "models")
    assert "one training each does not compare components" in comparison_sentence(comparison, STYLE)


def test_the_order_of_variants_does_not_change_the_sentence(scores):
    (forward,) = compare_variants(["a", "b"], scores, higher_is_better=True)
    (backward,) = compare_variants(["b", "a"], scores[::-1], higher_is_better=True)
    assert backward.verdict == "worse"
    assert comparison_sentence(backward, STYLE) == comparison_sentence(forward, STYLE)


def test_a_lower_value_can_be_better(scores):
    (comparison,) = compare_variants(["a", "b"], scores, higher_is_better=False)
    assert comparison.verdict == "worse"


def test_trials_are_paired_by_seed_and_fold():
    first, second = ({(seed, 0): trial([True, False, True, True]) for seed in range(3)} for _ in range(2))
    del second[1, 0]
    paired = paired_result(first, second)
    assert paired is not None and paired[1] == 2
    assert paired_result({}, second) is None
    assert paired_result({(0, 1): first[0, 0]}, {(0, 1): first[0, 0]}) is None  # a single fold


def test_a_mean_is_estimated_without_costs(scores):
    worse, _ = scores
    estimate = estimate_mean(worse)
    assert estimate.mean == pytest.approx(np.mean([own.value for own in worse.values()]))
    assert 0 <= estimate.interval.low < estimate.mean < estimate.interval.high <= 1


def test_a_summary_adds_the_mean_costs_of_successful_trials(scores):
    worse, _ = scores
    records = [
        {"status": "done", "parameters": 10, "epochs": epochs, "seconds": seconds}
        for epochs, seconds in ((1, 0.5), (3, 1.5), (2, 1.0), (2, 1.0))
    ]
    summary = summarize_variant("a", worse, [*records, {"status": "failed"}])
    assert (summary.trials, summary.failed) == (4, 1)
    assert (summary.parameters, summary.epochs, summary.seconds) == (10, 2.0, 1.0)
    assert summary.mean == estimate_mean(worse).mean
    assert summarize_variant("a", {}, [{"status": "failed"}]) is None
