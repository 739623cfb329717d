"""Naive Bayes beside a linear model, against scikit-learn and a search."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.naive_bayes import ComplementNB

from zoo_core.components.head import Head
from zoo_core.features.bag import Bag
from zoo_core.features.batches import EncodedSplit
from zoo_ngrams.models import Linear
from zoo_ngrams.naive_bayes import class_frequencies, class_sums, complement_weights
from zoo_ngrams.stacking import PRIOR, stack_scores

WIDTH = 30


def make_split(rows, classes, seed=0, soft=False, signal=0.2):
    """Texts of which some features occur more often in one class."""
    random = np.random.default_rng(seed)
    targets = random.integers(classes, size=rows)
    targets[:classes] = np.arange(classes)
    chances = 0.1 + signal * (np.arange(WIDTH)[None] % classes == targets[:, None])
    values = torch.tensor(random.random((rows, WIDTH)) * (random.random((rows, WIDTH)) < chances), dtype=torch.float32)
    row, ids = values.nonzero(as_tuple=True)
    offsets = torch.cat([torch.zeros(1, dtype=torch.int64), torch.bincount(row, minlength=rows).cumsum(0)])
    labels = torch.tensor(targets)
    bag = Bag(ids.int(), offsets, values[row, ids], WIDTH)
    return EncodedSplit(bag, torch.nn.functional.one_hot(labels).float() if soft else labels)


def uninformative_split(rows, shares, seed):
    """Features that say nothing about classes of these shares."""
    split = make_split(rows, len(shares), seed=seed, signal=0)
    chances = torch.tensor(shares).expand(rows, -1)
    return EncodedSplit(
        split.features, torch.multinomial(chances, 1, generator=torch.Generator().manual_seed(seed))[:, 0]
    )


def finished(train, val, head, weight=None, class_weights=None, positive_weights=None, **setting):
    """A linear model after `finish`."""
    model = Linear(**{"naive_bayes": True, **setting})
    module = model.build(num_features=WIDTH, num_outputs=head.outputs)
    with torch.no_grad():
        if weight is not None:
            module.weight.copy_(weight)
        weights = {"class_weights": class_weights, "positive_weights": positive_weights}
        model.finish(module, train=train, val=val, head=head, **weights)
    return module


def head_of(classes, link="softmax", outputs=None):
    return Head(tuple(f"c{number}" for number in range(classes)), outputs or classes, link)


@pytest.mark.parametrize("classes", [2, 3, 12])
@pytest.mark.parametrize("alpha", [0.03, 1.0])
def test_weights_are_those_of_scikit_learn(classes, alpha):
    split = make_split(200, classes)
    theirs = ComplementNB(alpha=alpha).fit(split.features.to_dense().numpy(), split.targets.numpy())
    found = complement_weights(class_sums(split, classes)[0], alpha).numpy()
    expected = theirs.feature_log_prob_.T - theirs.feature_log_prob_.T.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(found, expected, atol=2e-4)


def test_sums_of_soft_targets_and_of_many_rows(monkeypatch):
    hard, soft = make_split(50, 3), make_split(50, 3, soft=True)
    dense = hard.features.to_dense()
    expected = torch.stack([dense[hard.targets == number].sum(dim=0) for number in range(3)], dim=1)
    monkeypatch.setattr("zoo_ngrams.naive_bayes.CHUNK_ROWS", 7)
    for split in (hard, soft):
        torch.testing.assert_close(class_sums(split, 3)[0], expected)


def test_frequencies_of_classes_of_hard_and_of_soft_targets():
    hard, soft = make_split(50, 3), make_split(50, 3, soft=True)
    expected = torch.stack([(hard.targets == number).sum() for number in range(4)]).float()
    assert torch.equal(class_frequencies(hard, 4), expected)
    assert torch.equal(class_frequencies(soft, 3), expected[:3])


def test_a_model_that_knows_nothing_becomes_naive_bayes():
    train, val = make_split(300, 4), make_split(200, 4, seed=1)
    module = finished(train, val, head_of(4))
    theirs = ComplementNB(alpha=0.3).fit(train.features.to_dense().numpy(), train.targets.numpy())
    test = make_split(400, 4, seed=2)
    labels = (module(test.features) - module.bias).argmax(dim=1)  # theirs ignores how frequent a class is
    expected = theirs.predict(test.features.to_dense().numpy())
    assert (labels.numpy() == expected).mean() > 0.97
    assert (labels == test.targets).float().mean() > 0.6


def test_naive_bayes_that_says_nothing_changes_no_label():
    """Weights from labels by chance: the validation split keeps those of the model."""
    val = make_split(400, 2, seed=1)
    train = EncodedSplit(make_split(60, 2).features, torch.arange(60) % 2)
    weight = torch.stack([torch.arange(WIDTH) % 2 == 0, torch.arange(WIDTH) % 2 == 1], dim=1).float() * 3
    module = finished(train, val, head_of(2), weight)
    labels = module(val.features).argmax(dim=1)
    own = finished(train, val, head_of(2), weight, naive_bayes=False)(val.features).argmax(dim=1)
    assert (labels == own).float().mean() > 0.95
    assert (labels == val.targets).float().mean() >= (own == val.targets).float().mean() - 0.01


@pytest.mark.parametrize("shares", [None, (0.8, 0.2)])
def test_one_output_agrees_with_two(shares):
    train, val = make_split(200, 2), make_split(100, 2, seed=1)
    if shares:
        train, val = uninformative_split(200, shares, 0), uninformative_split(100, shares, 1)
    two = finished(train, val, head_of(2))
    one = finished(train, val, head_of(2, "sigmoid", 1))
    two_scores = two(val.features)
    torch.testing.assert_close(one(val.features)[:, 0] * 2, two_scores[:, 1] - two_scores[:, 0], atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize(("link", "outputs"), [("softmax", 2), ("sigmoid", 1)])
def test_a_class_weight_counts_as_copies_of_the_rows_of_the_class(link, outputs):
    def copied(split):
        rows = torch.arange(len(split)).repeat_interleave(1 + 2 * split.targets)
        return EncodedSplit(split.features.take(rows), split.targets[rows])

    train, val = make_split(200, 2), make_split(100, 2, seed=1)
    head, weight = head_of(2, link, outputs), torch.rand(WIDTH, outputs, generator=torch.Generator().manual_seed(3))
    weighted = finished(train, val, head, weight, torch.tensor([1.0, 3.0]))
    expected = finished(copied(train), copied(val), head, weight)
    torch.testing.assert_close(weighted.weight, expected.weight, rtol=0.01, atol=1e-3)
    assert not torch.allclose(weighted.weight, finished(train, val, head, weight).weight, atol=0.05)


def test_validation_rows_of_classes_that_count_nothing_change_nothing():
    weight = torch.rand(WIDTH, 3, generator=torch.Generator().manual_seed(3))
    train, split = make_split(50, 2), make_split(20, 3)
    rows = (split.targets == 2).nonzero()[:, 0]
    val = EncodedSplit(split.features.take(rows), split.targets[rows])
    module = finished(train, val, head_of(3), weight, torch.tensor([1.0, 1.0, 0.0]))
    torch.testing.assert_close(module.weight, weight)


@pytest.mark.parametrize(("link", "setting"), [("none", True), ("softmax", False)])
def test_changes_nothing_without_logits_or_unless_set(link, setting):
    weight = torch.rand(WIDTH, 3, generator=torch.Generator().manual_seed(3))
    module = finished(make_split(50, 3), make_split(20, 3), head_of(3, link), weight, naive_bayes=setting)
    assert torch.equal(module.weight, weight)


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_few_validation_rows_keep_weights_finite(rows):
    split = make_split(40, 5, signal=0.9)
    val = EncodedSplit(split.features.slice(0, rows), split.targets[:rows])
    weight = torch.zeros(WIDTH, 5)
    weight[torch.arange(WIDTH), torch.arange(WIDTH) % 5] = 50.0
    module = finished(split, val, head_of(5), weight)
    assert torch.isfinite(module.weight).all()
    assert module.weight.abs().max() < 1000


@pytest.mark.parametrize("most", [20, 40, 10_000])
def test_a_long_validation_split_may_be_sorted_by_class(monkeypatch, most):
    """Only some of its rows are used: those at its beginning would be of one class."""
    monkeypatch.setattr("zoo_ngrams.naive_bayes.MAX_ROWS", most)
    train, val, test = make_split(300, 2), make_split(200, 2, seed=1), make_split(400, 2, seed=2)
    order = val.targets.argsort(stable=True)
    ordered = EncodedSplit(val.features.take(order), val.targets[order])
    always_first = torch.tensor([[2.0, 0.0]]).repeat(WIDTH, 1)  # what rows of the first class alone would confirm
    module = finished(train, ordered, head_of(2), always_first)
    assert (module(test.features).argmax(dim=1) == test.targets).float().mean() > 0.7


@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize(("weights", "expected"), [(None, 0), ((1.0, 3.0), 1)])
def test_the_class_that_counts_most_remains_where_features_say_nothing(outputs, weights, expected):
    train, val, test = (uninformative_split(rows, (0.6, 0.4), seed) for seed, rows in enumerate((300, 300, 500)))
    weight = torch.randn(WIDTH, outputs, generator=torch.Generator().manual_seed(3))
    head = head_of(2, "softmax" if outputs == 2 else "sigmoid", outputs)
    scores = finished(train, val, head, weight, weights and torch.tensor(weights))(test.features)
    labels = scores.argmax(dim=1) if outputs == 2 else (scores[:, 0] > 0).long()
    assert (labels == expected).float().mean() > 0.95


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5), st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=2, max_size=3))
def test_factors_have_the_lowest_loss(seed, classes, truth):
    """No factors of a grid around those found are better, and none is below 0."""
    random, kinds = torch.Generator().manual_seed(seed), len(truth)
    scores = torch.randn(kinds, 60, classes, generator=random, dtype=torch.float64)
    chances = torch.einsum("k,krc->rc", torch.tensor(truth, dtype=torch.float64), scores).softmax(dim=1)
    labels = torch.multinomial(chances, 1, generator=random)[:, 0]
    targets = torch.nn.functional.one_hot(labels, classes).double()

    def loss(factors):
        logs = torch.einsum("k,krc->rc", factors, scores).log_softmax(dim=1)
        return float(-(targets * logs).sum() / 60 + PRIOR / 60 * factors.square().sum())

    factors, lowest = stack_scores(scores, targets)
    assert bool((factors >= 0).all())
    if lowest == math.inf:
        assert factors.tolist() == [1] + [0] * (kinds - 1)
        assert all(loss(some) > math.log(classes) for some in torch.eye(kinds, dtype=torch.float64) / 10)
        return
    for changes in product((-0.1, -0.01, 0.0, 0.01, 0.1), repeat=kinds):
        other = (factors + torch.tensor(changes, dtype=torch.float64)).clamp(min=0)
        assert loss(factors) <= loss(other) + 1e-9


@pytest.mark.parametrize("positive_weights", [None, (4.0, 0.5, 3.0)])
def test_several_labels_are_one_problem_each(positive_weights):
    """Each column of the weights is that of a model of one output that is trained on this label alone."""
    splits = [make_split(rows, 2, seed=seed) for rows, seed in ((80, 5), (60, 6))]
    matrices = [
        (torch.rand(len(split), 3, generator=torch.Generator().manual_seed(7)) < torch.tensor([0.2, 0.5, 0.0])).float()
        for split in splits
    ]
    for split, matrix in zip(splits, matrices, strict=True):
        matrix[:, 0] = torch.where(split.targets == 1, 1.0, matrix[:, 0])
    train, val = (EncodedSplit(split.features, matrix) for split, matrix in zip(splits, matrices, strict=True))
    weight = torch.randn(WIDTH, 3, generator=torch.Generator().manual_seed(8)) * 0.1
    given = None if positive_weights is None else torch.tensor(positive_weights)
    together = finished(train, val, Head(("a", "b", "c"), 3, "sigmoid", "multi-label"), weight, positive_weights=given)
    for label in range(3):
        own = [EncodedSplit(one.features, one.targets[:, label].long()) for one in (train, val)]
        weights = None if given is None else torch.stack([torch.ones(()), given[label]])
        alone = finished(*own, head_of(2, "sigmoid", 1), weight[:, label : label + 1], weights)
        assert torch.allclose(together.weight[:, label], alone.weight[:, 0], atol=1e-5)
        assert torch.allclose(together.bias[label], alone.bias[0], atol=1e-5)
