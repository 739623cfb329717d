"""What metrics promise."""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor, nn

from zoo_core.contracts import Metric
from zoo_core.head import Head
from zoo_core.seeds import generator
from zoo_core.testing.cases import Subject, check, skip


def _head() -> Head:
    return Head(("a", "b", "c"), 3, "softmax")


def _judged(subject: Subject, probabilities: Tensor, targets: Tensor, pieces: int = 1) -> float:
    part = cast(Metric, subject.part)
    measure = part.build(_head())
    given = probabilities.argmax(dim=1) if part.needs == "labels" else probabilities
    for some, wanted in zip(given.chunk(pieces), targets.chunk(pieces), strict=True):
        measure.update(some, wanted)
    return measure.compute()


def _answers() -> tuple[Tensor, Tensor]:
    random = generator(7, "metric")
    return torch.rand(24, 3, generator=random).softmax(dim=1), torch.randint(0, 3, (24,), generator=random)


@check("metric", "a figure over a split knows no batches and no order")
def same_for_any_batches_and_order(subject: Subject) -> None:
    probabilities, targets = _answers()
    whole = _judged(subject, probabilities, targets)
    assert isinstance(whole, float) and math.isfinite(whole)
    assert math.isclose(whole, _judged(subject, probabilities, targets, pieces=5), rel_tol=1e-6)
    assert math.isclose(whole, _judged(subject, probabilities.flip(0), targets.flip(0)), rel_tol=1e-6)


@check("metric", "early stopping goes the way it declares")
def right_is_better_than_wrong(subject: Subject) -> None:
    _, targets = _answers()
    sure = nn.functional.one_hot(targets, 3).float() * 0.94 + 0.02
    right, wrong = _judged(subject, sure, targets), _judged(subject, sure.roll(1, dims=1), targets)
    higher = cast(Metric, subject.part).better == "higher"
    assert (right > wrong) == higher and right != wrong, f"{right:g} when right, {wrong:g} when wrong"


@check("metric", "a class may never be predicted, or never occur")
def one_class_only(subject: Subject) -> None:
    probabilities = torch.tensor([[0.8, 0.1, 0.1]]).repeat(4, 1)
    for targets in (torch.zeros(4, dtype=torch.int64), torch.ones(4, dtype=torch.int64)):
        assert math.isfinite(_judged(subject, probabilities, targets))


@check("metric", "swaps compare the rows of such a metric, and of no other")
def is_the_share_of_hits_if_it_says_so(subject: Subject) -> None:
    if not cast(Metric, subject.part).counts_hits:
        skip("it does not say that it counts hits")
    probabilities, targets = _answers()
    hits = float((probabilities.argmax(dim=1) == targets).double().mean())
    told = _judged(subject, probabilities, targets)
    assert math.isclose(told, hits), f"{told:g} for {hits:g}"


@check("metric", "asking for the figure must not change it, nor the answers it was given")
def compute_changes_nothing(subject: Subject) -> None:
    probabilities, targets = _answers()
    given = probabilities.argmax(dim=1) if cast(Metric, subject.part).needs == "labels" else probabilities
    kept, measure = (given.clone(), targets.clone()), cast(Metric, subject.part).build(_head())
    measure.update(given, targets)
    assert measure.compute() == measure.compute(), "asked twice, it says two things"
    assert torch.equal(given, kept[0]) and torch.equal(targets, kept[1]), "an input was changed in place"
