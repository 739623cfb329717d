"""The head: from scores to probabilities, class scores and labels."""

from __future__ import annotations

import math

import pytest
import torch
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from zoo_core.components.decisions.decision import Decision
from zoo_core.components.head import Head
from zoo_core.config.structure import build_component
from zoo_core.evaluation.evaluator import head_for

TWO, THREE = ("negative", "positive"), ("a", "b", "c")
HEADS = {
    "sigmoid": Head(TWO, 1, "sigmoid"),
    "identity, one": Head(TWO, 1, "identity"),
    "identity, two": Head(TWO, 2, "identity"),
    "softmax, two": Head(TWO, 2, "softmax"),
    "softmax, three": Head(THREE, 3, "softmax"),
}
WITHOUT_LINK = {
    "none, one": Head(TWO, 1, "none"),
    "none, two": Head(TWO, 2, "none"),
    "none, three": Head(THREE, 3, "none"),
}


def scores_of(head: Head, numbers: list[float]) -> torch.Tensor:
    scores = torch.tensor(numbers[: len(numbers) // head.outputs * head.outputs]).view(-1, head.outputs)
    if head.link == "identity":
        return scores.softmax(dim=1) if head.outputs > 1 else scores.sigmoid()
    return scores


numbers = st.lists(st.floats(-1e4, 1e4, width=32), min_size=3, max_size=24)


@pytest.mark.parametrize("name", HEADS)
@given(numbers=numbers)
def test_probabilities_of_all_classes_sum_to_one(name, numbers):
    head = HEADS[name]
    scores = scores_of(head, numbers)
    probabilities = head.probabilities(scores)
    assert probabilities.shape == (len(scores), len(head.classes))
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    torch.testing.assert_close(probabilities.sum(dim=1), torch.ones(len(scores)))
    assert head.has_probabilities


@pytest.mark.parametrize("name", [*HEADS, *WITHOUT_LINK])
@given(numbers=numbers)
def test_predicted_label_has_the_highest_score(name, numbers):
    head = {**HEADS, **WITHOUT_LINK}[name]
    scores = scores_of(head, numbers)
    class_scores = head.class_scores(scores)
    assert class_scores.shape == (len(scores), len(head.classes))
    labels = head.predict(scores)
    assert labels.dtype == torch.int64
    highest = class_scores.gather(1, labels.unsqueeze(1)).squeeze(1)
    torch.testing.assert_close(highest, class_scores.max(dim=1).values)
    if head.has_probabilities:
        torch.testing.assert_close(
            class_scores.argmax(dim=1)[clear_rows(class_scores)], labels[clear_rows(class_scores)]
        )


def clear_rows(class_scores: torch.Tensor) -> torch.Tensor:
    """The rows whose two highest scores differ clearly."""
    top = class_scores.topk(2, dim=1).values
    return top[:, 0] - top[:, 1] > 1e-5


def test_second_class_is_positive():
    scores = torch.tensor([[0.0], [math.log(3)], [-100.0]])
    expected = torch.tensor([[0.5, 0.5], [0.25, 0.75], [1.0, math.exp(-100)]])
    torch.testing.assert_close(HEADS["sigmoid"].probabilities(scores), expected)
    expected = torch.tensor([[0.9, 0.1], [0.2, 0.8]])
    torch.testing.assert_close(HEADS["identity, one"].probabilities(torch.tensor([[0.1], [0.8]])), expected)


def test_small_probabilities_are_not_lost():
    """1 - sigmoid(40) would be 0."""
    assert HEADS["sigmoid"].probabilities(torch.tensor([[40.0]]))[0, 0] == pytest.approx(math.exp(-40), rel=1e-4)


@pytest.mark.parametrize("name", ["sigmoid", "identity, one", "identity, two", "softmax, two"])
def test_threshold_is_the_lowest_probability_of_the_second_class(name):
    head = HEADS[name]
    expected = torch.tensor([0.1, 0.3, 0.5, 0.7, 0.9])
    logits = torch.logit(expected).unsqueeze(1)
    pairs = torch.stack([1 - expected, expected], dim=1)
    scores = {"sigmoid": logits, "identity, one": expected.unsqueeze(1), "identity, two": pairs}.get(name, pairs.log())
    for threshold, positive in ((0.0, 5), (0.2, 4), (0.6, 2), (0.95, 0)):
        assert (
            evolve(head, decision=Decision.of_threshold(threshold)).predict(scores).tolist()
            == [0] * (5 - positive) + [1] * positive
        )
    assert head.predict(scores).tolist()[3:] == [1, 1]


@pytest.mark.parametrize("name", WITHOUT_LINK)
def test_scores_without_link_have_no_probabilities(name):
    head = WITHOUT_LINK[name]
    assert not head.has_probabilities
    with pytest.raises(ValueError, match="cannot be converted to probabilities"):
        head.probabilities(torch.zeros(2, head.outputs))
    assert head.predict(torch.eye(head.outputs)).tolist() == ([1] if head.outputs == 1 else list(range(head.outputs)))


def test_single_row_keeps_its_axes():
    for head in HEADS.values():
        assert head.probabilities(scores_of(head, [0.0] * head.outputs)).shape == (1, len(head.classes))


@pytest.mark.parametrize(
    ("loss", "classes", "outputs", "link"),
    [
        ("bce", TWO, 1, "identity"),
        ("bce-with-logits", TWO, 1, "sigmoid"),
        ("cross-entropy", TWO, 2, "softmax"),
        ("cross-entropy", THREE, 3, "softmax"),
        ("mse", THREE, 3, "none"),
    ],
)
def test_head_for_a_loss(registry, loss, classes, outputs, link):
    assert head_for(build_component(registry, "loss", loss), classes) == Head(classes, outputs, link)
