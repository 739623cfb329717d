"""The search for a threshold finds the best one, and does not use the test split."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from zoo_core import Metric
from zoo_core.components.decisions.decision import Decision
from zoo_core.components.metric_names import metric_label
from zoo_core.config.structure import build_component
from zoo_core.errors import DataError, RecipeError
from zoo_core.runs.decisions.choose import find_decision, save_decision
from zoo_core.runs.decisions.objectives import Least, find_metric, parse_least
from zoo_core.runs.decisions.one_threshold import THRESHOLDS_PER_ROUND, search, threshold_intervals
from zoo_core.runs.decisions.stored import DECISION_FILE, Choice, StoredDecision
from zoo_core.runs.predictions import ScoredSplit
from zoo_core.training.pipeline import train

METRICS = ["f1", "accuracy", "matthews", {"use": "f1", "average": "macro"}, {"use": "precision", "of": "negative"}]


@pytest.fixture(scope="module")
def trained(trained):
    """A run whose probabilities are those of its loss."""
    return evolve(trained, head=evolve(trained.head, calibration=None))


def logits(values):
    return torch.tensor(values, dtype=torch.float32).view(-1, 1)


def find_threshold(run, metric, scored, least=None):
    """The stored decision that is found."""
    return find_decision(run, metric, scored, least).stored


def at(threshold, choice=None):
    return StoredDecision(Decision.of_threshold(threshold), choice)


rows = st.lists(st.tuples(st.integers(-12, 12), st.booleans()), min_size=2, max_size=30)


@pytest.mark.parametrize("metric", METRICS, ids=str)
@given(rows=rows, scale=st.sampled_from([0.25, 3.0, 20.0]))
def test_no_other_threshold_is_better(trained, registry, metric, rows, scale):
    """Against every threshold there is: below, at and above each probability. Ties and sure rows among them."""
    if len({truth for _, truth in rows}) == 1:
        return
    part = build_component(registry, "metric", metric)
    scores, targets = logits([number * scale for number, _ in rows]), torch.tensor([int(truth) for _, truth in rows])
    found = find_threshold(trained, part, ScoredSplit(scores, targets, "here", "val"))

    def figure(threshold):
        measure = part.build(trained.head)
        measure.update(evolve(trained.head, decision=Decision.of_threshold(threshold)).predict(scores), targets)
        return measure.compute()

    values = sorted(set(torch.sigmoid(scores)[:, 0].tolist()))
    best = max(figure(threshold) for threshold in (0.0, *values, 1.0))
    assert found.choice == Choice(found.choice.metric, pytest.approx(best), "here", "val", len(rows))
    assert figure(found.decision.threshold) == pytest.approx(best)
    if figure(0.5) == best:
        assert found.decision.threshold == 0.5


@frozen
class Errors(Metric):
    """How many rows are called wrongly."""

    name = "errors"
    response = "labels"
    higher_is_better = False

    def build(self, head):
        class Wrong:
            rows = 0

            def update(self, predicted, targets):
                self.rows += int((predicted != targets).sum())

            def compute(self):
                return self.rows

        return Wrong()


def test_minimizes_a_metric_that_is_better_when_lower(trained):
    scored = ScoredSplit(logits([-2, -1, 1, 2]), torch.tensor([0, 1, 1, 1]), "here", "")
    assert find_threshold(trained, Errors(), scored) == at(0.2, Choice("errors", 0.0, "here", "", 4))
    assert search(threshold_intervals([0.1, 0.2, 0.7]), lambda at: 0.0) == 0.5


def test_many_rows_are_searched_in_rounds():
    tried = []

    def cost(at):
        tried.append(at)
        return abs(at - 0.123456)

    values = [number / 10**6 for number in range(1, 10**6)]
    assert search(threshold_intervals(values), cost) == pytest.approx(0.123456, abs=2e-6)
    assert len(tried) < 4 * THRESHOLDS_PER_ROUND


def test_chooses_a_threshold_of_few_digits(trained, registry):
    scores, targets = logits([-3.0, -2.0, -1.0, -0.9]), torch.tensor([0, 0, 1, 1])
    found = find_threshold(trained, build_component(registry, "metric", "f1"), ScoredSplit(scores, targets, "here", ""))
    assert found == at(0.2, Choice("f1", 1.0, "here", "", 4))
    assert found.describe() == "threshold 0.2, of the best f1 on here"


def test_uses_the_validation_split(trained, reviews, registry, tmp_path):
    table = (reviews.read_text().splitlines())[1:]
    named = tmp_path / "named.csv"
    parts = ["test", "val", "train"]
    named.write_text("rating,review,split\n" + "".join(f"{line},{parts[i % 3]}\n" for i, line in enumerate(table)))
    assert len(trained.score_split(for_tuning=True).targets) == trained.summary["rows"]["val"]
    for data, split, expected in [
        (None, "", "val"),
        (None, "train", "train"),
        (None, "test", "test"),
        (reviews, "", ""),
        (named, "", "val"),
        (named, "test", "test"),
    ]:
        scored = trained.score_split(data, split=split, for_tuning=True)
        choice = find_threshold(trained, build_component(registry, "metric", "f1"), scored).choice
        assert (choice.split, choice.rows) == (expected, 120 if data == reviews else len(scored.targets))
        assert choice.source == str(data or reviews)
    assert trained.score_split(named).split == ""  # as evaluate has it


def test_rejects_runs_and_metrics_without_threshold(small, reviews, trained, registry, tmp_path):
    f1, scored = build_component(registry, "metric", "f1"), trained.score_split(for_tuning=True)
    scoreless = train(small("loss=mse"), reviews, run=tmp_path / "scoreless")
    for call in (lambda: find_threshold(scoreless, f1, scored), lambda: save_decision(scoreless, at(0.5))):
        with pytest.raises(RecipeError, match="a threshold needs a loss that gives probabilities"):
            call()
    assert not (scoreless.folder / DECISION_FILE).exists()
    with pytest.raises(RecipeError, match=r'"roc-auc" is the same at every threshold .*use one of accuracy, f1, '):
        find_threshold(trained, build_component(registry, "metric", "roc-auc"), scored)
    one = ScoredSplit(scored.scores, torch.ones_like(scored.targets), "here.csv", "")
    with pytest.raises(DataError, match=r'^here.csv: a threshold cannot be chosen on rows of "positive" alone'):
        find_threshold(trained, f1, one)


def test_finds_a_metric_by_name(trained):
    assert find_metric(trained, "f1") is trained.plan.training.metrics[1]
    assert find_metric(trained, "{use = 'recall', of = 'negative'}").of == "negative"
    assert find_metric(trained, "f1[macro]").average == "macro"
    assert metric_label(find_metric(trained, "recall[of=negative]")) == "recall[of=negative]"
    for text, said in [
        ("f2", "unknown metric"),
        ("f1[nope]", "unknown metric"),
        ("f1[", "unknown metric"),
        ("f1[]", "unknown metric"),
        ("f1[x=1]", "unknown setting"),
        ("{use = 'f1', x = 1}", "unknown setting"),
        ("{", "unknown metric"),
    ]:
        with pytest.raises(RecipeError, match=said):
            find_metric(trained, text)


def scored_rows(rows):
    scores, targets = logits([number for number, _ in rows]), torch.tensor([int(truth) for _, truth in rows])
    return ScoredSplit(scores, targets, "here", "val")


@given(rows=rows, least=st.sampled_from([0.0, 0.5, 0.9, 1.0]))
def test_no_threshold_that_meets_the_condition_is_better(trained, registry, rows, least):
    """Precision with a recall of at least so much, against every threshold there is."""
    if len({truth for _, truth in rows}) == 1:
        return
    precision, recall = (build_component(registry, "metric", name) for name in ("precision", "recall"))
    scored = scored_rows(rows)
    found = find_threshold(trained, precision, scored, Least(recall, least))

    def values(threshold):
        evaluator = trained.with_threshold(threshold).evaluator()
        return [float(evaluator.compute_metric(one, scored.scores, scored.targets)) for one in (recall, precision)]

    probabilities = trained.head.probabilities(scored.scores)[:, 1].double().tolist()
    reachable = [values(threshold) for threshold in {0.0, 0.5, 1.0, *probabilities}]
    best = max(precision for recall, precision in reachable if recall >= least)
    choice = found.choice
    assert (choice.metric_value, choice.least_metric, choice.least_value) == (best, "recall", least)
    assert choice.least_reached >= least and values(found.decision.threshold) == [choice.least_reached, best]
    assert StoredDecision.read(found.to_json(trained.head), Path("d.json"), trained.head) == found
    assert f"of the best precision with recall of at least {least:g} on val of here" in found.describe()


def test_an_impossible_condition_names_the_best_that_can_be_reached(trained, registry):
    precision, recall = (build_component(registry, "metric", name) for name in ("precision", "recall"))
    scored = scored_rows([(3, False), (2, True), (1, True), (-1, False)])
    expected = "no threshold has precision of at least 0.9: the best is 0.6667 at 0.5, on 4 rows"
    with pytest.raises(RecipeError, match=expected) as caught:
        find_threshold(trained, recall, scored, Least(precision, 0.9))
    assert caught.value.problems[0].hint == "ask for 0.666 or less"
    with pytest.raises(RecipeError, match="is the same at every threshold"):
        find_threshold(trained, recall, scored, Least(build_component(registry, "metric", "roc-auc"), 0.9))


@pytest.mark.parametrize("text", ["recall", "=0.9", "recall=", "recall=much", "recall=nan"])
def test_invalid_conditions_are_rejected(trained, text):
    with pytest.raises(RecipeError, match="invalid condition"):
        parse_least(trained, text)


def test_conditions_name_a_metric_and_a_number(trained):
    assert parse_least(trained, "recall=0.9").value == 0.9
    assert parse_least(trained, '{use = "recall", of = "negative"} = 0.5').metric.of == "negative"
