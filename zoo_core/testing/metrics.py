"""What metrics promise."""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor, nn

from zoo_core.components.contracts import Metric
from zoo_core.components.head import Head
from zoo_core.components.protocols import MetricAccumulator
from zoo_core.seeds import make_generator
from zoo_core.testing.cases import Subject, register_check, skip


def _head() -> Head:
    return Head(("a", "b", "c"), 3, "softmax")


def _judged(subject: Subject, probabilities: Tensor, targets: Tensor, pieces: int = 1) -> float:
    part = cast(Metric, subject.part)
    measure = part.build(_head())
    given = probabilities.argmax(dim=1) if part.response == "labels" else probabilities
    for some, wanted in zip(given.chunk(pieces), targets.chunk(pieces), strict=True):
        measure.update(some, wanted)
    return measure.compute()


def _answers() -> tuple[Tensor, Tensor]:
    random = make_generator(7, "metric")
    return torch.rand(24, 3, generator=random).softmax(dim=1), torch.randint(0, 3, (24,), generator=random)


@register_check("metric", "a figure over a split knows no batches and no order")
def same_for_any_batches_and_order(subject: Subject) -> None:
    probabilities, targets = _answers()
    whole = _judged(subject, probabilities, targets)
    assert isinstance(whole, float) and math.isfinite(whole)
    assert math.isclose(whole, _judged(subject, probabilities, targets, pieces=5), rel_tol=1e-6)
    assert math.isclose(whole, _judged(subject, probabilities.flip(0), targets.flip(0)), rel_tol=1e-6)


@register_check("metric", "early stopping goes the way it declares")
def right_is_better_than_wrong(subject: Subject) -> None:
    targets = torch.arange(24) % 3  # each class as often: no figure of one class alone tells them apart
    sure = nn.functional.one_hot(targets, 3).float() * 0.94 + 0.02
    right, wrong = _judged(subject, sure, targets), _judged(subject, sure.roll(1, dims=1), targets)
    higher = cast(Metric, subject.part).higher_is_better
    assert (right > wrong) == higher and right != wrong, f"{right:g} when right, {wrong:g} when wrong"


@register_check("metric", "a class may never be predicted, or never occur")
def one_class_only(subject: Subject) -> None:
    probabilities = torch.tensor([[0.8, 0.1, 0.1]]).repeat(4, 1)
    for targets in (torch.zeros(4, dtype=torch.int64), torch.ones(4, dtype=torch.int64)):
        assert math.isfinite(_judged(subject, probabilities, targets))


@register_check("metric", "swaps compare the rows of such a metric, and of no other")
def is_the_share_of_hits_if_it_says_so(subject: Subject) -> None:
    if not cast(Metric, subject.part).is_accuracy:
        skip("it does not say that it counts hits")
    probabilities, targets = _answers()
    hits = float((probabilities.argmax(dim=1) == targets).double().mean())
    told = _judged(subject, probabilities, targets)
    assert math.isclose(told, hits), f"{told:g} for {hits:g}"


def _taken(subject: Subject, probabilities: Tensor, targets: Tensor) -> tuple[MetricAccumulator, Tensor]:
    """A measure that took these, and what it was given as predicted."""
    part = cast(Metric, subject.part)
    given, measure = probabilities.argmax(dim=1) if part.response == "labels" else probabilities, part.build(_head())
    measure.update(given, targets)
    return measure, given


@register_check("metric", "asking for the figure must not change it, nor the answers it was given")
def compute_changes_nothing(subject: Subject) -> None:
    probabilities, targets = _answers()
    kept = [one.clone() for one in (probabilities, probabilities.argmax(dim=1), targets)]
    measure, given = _taken(subject, probabilities, targets)
    assert measure.compute() == measure.compute(), "asked twice, it says two things"
    whole = kept[1] if given.ndim == 1 else kept[0]
    assert torch.equal(given, whole) and torch.equal(targets, kept[2]), "an input was changed in place"


@register_check("metric", "two splits are measured one after the other")
def measures_stand_alone(subject: Subject) -> None:
    probabilities, targets = _answers()
    measure, _ = _taken(subject, probabilities, targets)
    before = measure.compute()
    sure = nn.functional.one_hot(targets, 3).float() * 0.94 + 0.02
    _taken(subject, sure, targets)
    assert measure.compute() == before, "what another measure took changed this one's figure"
