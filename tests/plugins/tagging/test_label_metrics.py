"""Metrics of several labels a text are those of scikit-learn, for random and for degenerate rows."""

from functools import partial

import numpy as np
import pytest
import torch
from sklearn import metrics as sk

from zoo_core import Head, load_component
from zoo_core.errors import RecipeError
from zoo_tagging.metrics.row_values import hamming_loss, precision_at_k, ranking_precision

CLASSES = ("a", "b", "c", "d", "e")
HEAD = Head.of_classes(CLASSES, link="sigmoid", targets="multi-label")


def rows(seed, count=60, share=0.3, digits=None):
    random = np.random.default_rng(seed)
    targets = random.random((count, 5)) < share
    values = (random.random((count, 5)) + 0.5 * targets) / 1.5
    return targets, values if digits is None else values.round(digits)


CASES = {
    "random": rows(1),
    "many equal probabilities": rows(2, digits=1),
    "one row": rows(3, count=1),
    "no labels": rows(4, share=0.0),
    "all labels": rows(5, share=1.1),
    "a class that never occurs": (rows(6)[0] & (np.arange(5) != 2), rows(6)[1]),
    "a class that always occurs": (rows(7)[0] | (np.arange(5) == 2), rows(7)[1]),
    "nothing predicted": (rows(8)[0], rows(8)[1] * 0.4),
}
every_case = pytest.mark.parametrize("case", CASES)


def computed(name, targets, values, **settings):
    metric = load_component("metric", name, **settings)
    accumulator = metric.build(HEAD)
    predicted = torch.tensor(values >= 0.5 if metric.response == "labels" else values)
    for part, truth in zip(predicted.split(7), torch.tensor(targets).split(7), strict=True):
        accumulator.update(part, truth)
    return accumulator.compute()


@every_case
@pytest.mark.parametrize("average", ["micro", "macro", "weighted", "samples"])
@pytest.mark.parametrize("name", ["f1", "precision", "recall"])
def test_averages(case, name, average):
    targets, values = CASES[case]
    expected = getattr(sk, f"{name}_score")(targets, values >= 0.5, average=average, zero_division=0)
    assert computed(name, targets, values, average=average) == pytest.approx(expected)


@every_case
def test_values_of_one_class_and_the_default(case):
    targets, values = CASES[case]
    for index, label in enumerate(CLASSES):
        expected = sk.f1_score(targets[:, index], values[:, index] >= 0.5, zero_division=0)
        assert computed("f1", targets, values, of=label) == pytest.approx(expected)
    micro = sk.f1_score(targets, values >= 0.5, average="micro", zero_division=0)
    assert computed("f1", targets, values) == pytest.approx(micro)


@every_case
def test_sets_and_pairs(case):
    targets, values = CASES[case]
    assert computed("accuracy", targets, values) == pytest.approx(sk.accuracy_score(targets, values >= 0.5))
    assert computed("hamming-loss", targets, values) == pytest.approx(sk.hamming_loss(targets, values >= 0.5))


@every_case
def test_label_ranking_average_precision(case):
    targets, values = CASES[case]
    expected = sk.label_ranking_average_precision_score(targets, values)
    assert computed("label-ranking-average-precision", targets, values) == pytest.approx(expected)


@every_case
@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
def test_areas(case, average):
    """A class that all rows have, or none, has no area under the ROC curve, and is left out, as always in the zoo."""
    targets, values = CASES[case]
    has_both = targets.any(axis=0) & ~targets.all(axis=0)
    some = slice(None) if average == "micro" else has_both
    if targets[:, some].size and targets[:, some].any() and not targets[:, some].all():
        expected = sk.roc_auc_score(targets[:, some], values[:, some], average=average)
        assert computed("roc-auc", targets, values, average=average) == pytest.approx(expected)
    else:
        assert computed("roc-auc", targets, values, average=average) == 0.5
    some = slice(None) if average == "micro" else targets.any(axis=0)
    if targets[:, some].any():
        expected = sk.average_precision_score(targets[:, some], values[:, some], average=average)
        assert computed("average-precision", targets, values, average=average) == pytest.approx(expected)
    else:
        assert computed("average-precision", targets, values, average=average) == 0.0


@every_case
def test_losses_of_probabilities(case):
    targets, values = CASES[case]
    columns = list(zip(targets.T, values.T, strict=True))
    log_loss = np.mean([sk.log_loss(truth, p, labels=[False, True]) for truth, p in columns])
    assert computed("log-loss", targets, values) == pytest.approx(log_loss)
    brier = np.mean(
        [sk.brier_score_loss(truth, p, pos_label=True) for truth, p in columns if len(set(truth)) == 2] or [0]
    )
    if all(len(set(truth)) == 2 for truth, _ in columns):
        assert computed("brier", targets, values) == pytest.approx(brier)
    single = Head.of_classes(["without", "with"])
    errors = []
    for truth, p in columns:
        accumulator = load_component("metric", "expected-calibration-error").build(single)
        accumulator.update(torch.tensor(p), torch.tensor(truth))
        errors.append(accumulator.compute())
    assert computed("expected-calibration-error", targets, values) == pytest.approx(np.mean(errors))


@every_case
@pytest.mark.parametrize("k", [1, 3, 5, 9])
def test_precision_and_recall_at_k(case, k):
    targets, values = CASES[case]
    order = np.argsort(-values, axis=1, kind="stable")[:, :k]
    hits = np.take_along_axis(targets, order, axis=1).sum(axis=1)
    assert computed("precision-at-k", targets, values, k=k) == pytest.approx((hits / order.shape[1]).mean())
    some = targets.any(axis=1)
    recall = (hits[some] / targets[some].sum(axis=1)).mean() if some.any() else 0.0
    assert computed("recall-at-k", targets, values, k=k) == pytest.approx(recall)


def test_samples_need_several_labels():
    with pytest.raises(RecipeError, match="samples is for texts with several labels"):
        load_component("metric", "f1", average="samples").build(Head.of_classes(["a", "b"]))


@pytest.mark.parametrize("values", [hamming_loss, ranking_precision, partial(precision_at_k, k=2)])
def test_values_of_rows_are_computed_where_the_scores_are(values):
    """In training on a GPU; the device "meta" stands for any other than the CPU."""
    scores, targets = torch.empty(4, 3, device="meta"), torch.empty(4, 3, dtype=torch.bool, device="meta")
    assert values(scores, targets).shape == (4,)
    assert values(scores, targets).device.type == "meta"
