"""Thresholds by class: never worse than the most probable class, near the best there is, and kept only beyond noise."""

from __future__ import annotations

import itertools

import pytest
import torch
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo_core.components.decisions.decision import Decision
from zoo_core.components.head import Head
from zoo_core.config.structure import build_component
from zoo_core.errors import DataError, RecipeError
from zoo_core.runs.decisions.choose import find_decision
from zoo_core.runs.decisions.objectives import Objective
from zoo_core.runs.decisions.out_of_fold import measure_out_of_fold
from zoo_core.runs.decisions.thresholds_by_class import (
    MAX_CLASSES,
    MAX_ROWS,
    PASSES,
    REFINED,
    SHARES,
    search_thresholds,
)
from zoo_core.training.pipeline import train

METRICS = [{"use": "f1", "average": "macro"}, "accuracy", {"use": "recall", "average": "macro"}, "matthews"]


def drawn(rows, classes, seed, *, signal=1.5):
    """Probabilities and targets of uneven classes."""
    generator = torch.Generator().manual_seed(seed)
    prior = torch.rand(classes, generator=generator).pow(2) + 0.05
    targets = torch.multinomial(prior, rows, replacement=True, generator=generator)
    scores = torch.randn(rows, classes, generator=generator) + prior.log()
    scores[torch.arange(rows), targets] += signal
    return torch.softmax(scores, dim=1), targets


def objective_of(registry, metric, classes):
    return Objective(
        Head(tuple(map(str, range(classes))), classes, "softmax"), build_component(registry, "metric", metric)
    )


def best_of_all(probabilities, targets, objective):
    """The best key over all weights that label the rows differently: those between the ratios of two classes."""
    weights = []
    for index in range(1, probabilities.shape[1]):
        ratios = (probabilities[:, 0] / probabilities[:, index]).unique().sort().values
        weights.append([float(ratios[0]) / 2, *((ratios[1:] + ratios[:-1]) / 2).tolist(), float(ratios[-1]) * 2])
    keys = []
    for chosen in itertools.product(*weights):
        predicted = (probabilities * torch.tensor([1.0, *chosen])).argmax(dim=1)
        keys.append(objective.key(predicted, targets))
    return min(keys)


@pytest.mark.parametrize("metric", METRICS, ids=str)
def test_it_is_near_the_best_of_all_thresholds(registry, metric):
    """Against enumeration; a coordinate search may miss the best, but not by much and not often."""
    objective, missed = objective_of(registry, metric, 3), 0
    for seed in range(6):
        probabilities, targets = drawn(12, 3, seed)
        found = search_thresholds(probabilities, targets, objective)
        value = objective.key(found.choose(probabilities), targets)[1]
        best = best_of_all(probabilities, targets, objective)[1]
        assert value >= best - 1e-9
        missed += value > best + 1e-9
    assert missed <= 3


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6), rows=st.integers(2, 40), classes=st.integers(3, 7), metric=st.sampled_from(METRICS))
def test_it_is_never_worse_than_the_most_probable_class(registry, seed, rows, classes, metric):
    probabilities, targets = drawn(rows, classes, seed)
    objective = objective_of(registry, metric, classes)
    found = search_thresholds(probabilities, targets, objective)
    key = objective.key(found.choose(probabilities), targets)
    assert key <= objective.key(probabilities.argmax(dim=1), targets)
    assert not found.problem(classes)
    assert found == search_thresholds(probabilities, targets, objective)


@pytest.mark.parametrize("special", ["zeros", "ones", "equal", "one class is never probable"])
def test_probabilities_at_their_ends(registry, special):
    probabilities, targets = drawn(30, 3, 1)
    if special == "equal":
        probabilities = torch.full((30, 3), 1 / 3)
    elif special == "one class is never probable":
        probabilities[:, 2] = 0
    else:
        probabilities = torch.nn.functional.one_hot(probabilities.argmax(dim=1), 3).float()
    objective = objective_of(registry, METRICS[0], 3)
    found = search_thresholds(probabilities, targets, objective)
    assert not found.problem(3)
    assert objective.key(found.choose(probabilities), targets) <= objective.key(probabilities.argmax(dim=1), targets)


def test_the_work_of_many_rows_and_classes_is_bounded(registry, monkeypatch):
    probabilities, targets = drawn(MAX_ROWS + 500, MAX_CLASSES + 3, 3)
    objective, rows, key = objective_of(registry, METRICS[1], MAX_CLASSES + 3), [], Objective.key
    monkeypatch.setattr(Objective, "key", lambda self, *labels: rows.append(len(labels[0])) or key(self, *labels))
    found = search_thresholds(probabilities, targets, objective)
    assert key(objective, found.choose(probabilities), targets) <= key(objective, probabilities.argmax(dim=1), targets)
    assert len(rows) <= PASSES * MAX_CLASSES * (len(SHARES) + REFINED) + 9
    assert sum(count > MAX_ROWS for count in rows) <= 9


def test_noise_is_not_kept_and_a_real_gain_is(registry):
    objective = objective_of(registry, METRICS[0], 4)

    def is_kept(probabilities, targets):
        measured = measure_out_of_fold(
            lambda some, true: search_thresholds(some, true, objective), Decision(), probabilities, targets, objective
        )
        return measured.is_beyond_noise

    prior = torch.tensor([0.7, 0.2, 0.07, 0.03])
    kept = {"even": 0, "uneven": 0}
    for seed in range(3):
        generator = torch.Generator().manual_seed(seed)
        even = torch.arange(80) % 4
        scores = torch.randn(80, 4, generator=generator)
        scores[torch.arange(80), even] += 1.5  # right probabilities of even classes: nothing to gain
        kept["even"] += is_kept(torch.softmax(1.5 * scores, dim=1), even)
        uneven = torch.multinomial(prior, 800, replacement=True, generator=generator)
        scores = torch.randn(800, 4, generator=generator)
        scores[torch.arange(800), uneven] += 1.5
        kept["uneven"] += is_kept(torch.softmax(scores + 2 * prior.log(), dim=1), uneven)
    assert kept["even"] <= 1 and kept["uneven"] == 3, kept


@pytest.fixture(scope="module")
def three(small, tmp_path_factory):
    """A run of three uneven classes."""
    folder = tmp_path_factory.mktemp("three")
    words = {"common": "bread soup", "rare": "soup fish", "odd": "fish cake"}
    lines = [
        f"{label},{words[label].split()[at % 2]} n{at % 7}"
        for label, count in (("common", 120), ("rare", 40), ("odd", 20))
        for at in range(count)
    ]
    data = folder / "three.csv"
    data.write_text("\n".join(["rating,review", *lines, ""]), "utf-8")
    return train(small("loss=cross-entropy", "training.epochs=3"), data, run=folder / "run")


def test_a_run_predicts_by_thresholds_and_by_costs(three):
    texts = ["bread n1", "soup n2", "fish n3", "cake n4"]
    values = three.predict(texts).values.double()
    assert three.head.classes == ("common", "odd", "rare")
    decided = three.with_thresholds({"common": 10, "odd": 1, "rare": 2})
    expected = (values / torch.tensor([10, 1, 2], dtype=torch.float64)).argmax(dim=1)
    assert decided.predict(texts).indices.tolist() == expected.tolist() != values.argmax(dim=1).tolist()
    costs = {"common": {"rare": 1, "odd": 1}, "rare": {"common": 9, "odd": 2}, "odd": {"common": 1, "rare": 3}}
    by_cost = three.with_costs(costs)
    for row, index in zip(values.tolist(), by_cost.predict(texts).indices.tolist(), strict=True):
        expected_costs = [
            sum(p * costs[true].get(label, 0) for p, true in zip(row, three.head.classes, strict=True))
            for label in three.head.classes
        ]
        assert expected_costs[index] == min(expected_costs)
    figures = by_cost.evaluate()
    scores, targets = three.scores_and_targets()
    table = [[costs[true].get(label, 0) for label in three.head.classes] for true in three.head.classes]
    mean = [table[true][at] for true, at in zip(targets.tolist(), by_cost.head.predict(scores).tolist(), strict=True)]
    assert figures["cost"] == pytest.approx(sum(mean) / len(mean))
    assert "cost" not in three.evaluate()


@pytest.mark.parametrize(
    ("thresholds", "said"),
    [
        ({"common": 1, "rare": 1}, "missing the threshold of odd"),
        ({"common": 1, "rare": 1, "odd": 1, "other": 1}, 'unknown class "other"'),
        ({"common": 1, "rare": 1, "odd": 0}, "invalid threshold: got 0"),
        ({"common": 1, "rare": 1, "odd": float("nan")}, "invalid threshold"),
        ({"common": 1, "rare": 1, "odd": "1"}, "invalid threshold"),
    ],
)
def test_invalid_thresholds_by_class_are_rejected(three, thresholds, said):
    with pytest.raises(RecipeError, match=said):
        three.with_thresholds(thresholds)


def test_rows_of_one_class_are_rejected(three, registry):
    scored = three.score_split(for_tuning=True)
    one = evolve(scored, loss_targets=torch.zeros_like(scored.loss_targets))
    with pytest.raises(DataError, match='of "common" alone'):
        find_decision(three, build_component(registry, "metric", "f1"), one)
