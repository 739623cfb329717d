"""What optimizers, schedulers and metrics promise."""

from __future__ import annotations

import copy
import itertools
import math
from typing import cast

import torch
from torch import Tensor, nn

from zoo_core.contracts import Metric, Optimizer, Scheduler
from zoo_core.head import Head
from zoo_core.seeds import generator
from zoo_core.testing.cases import Subject, check, skip

STEPS = 300


def _descend(subject: Subject) -> list[float]:
    """The values of a quadratic as the optimizer goes down it."""
    point = nn.Parameter(torch.tensor([1.0, -2.0, 0.5]))
    optimizer = cast(Optimizer, subject.part).build([point])
    values = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = (point.square() * torch.tensor([1.0, 0.5, 2.0])).sum()
        loss.backward()
        optimizer.step()
        values.append(float(loss.detach()))
    return values


@check("optimizer", "an optimizer that does not go down a bowl goes nowhere")
def lowers_a_quadratic(subject: Subject) -> None:
    values = _descend(subject)
    assert all(math.isfinite(value) for value in values), "the loss is not finite"
    assert values[-1] < 0.95 * values[0], f"from {values[0]:g} to {values[-1]:g} in {STEPS} steps"


@check("optimizer", "the same seed gives the same numbers")
def deterministic(subject: Subject) -> None:
    assert _descend(subject) == _descend(subject)


@check("optimizer", "a model with sparse gradients believes the claim")
def takes_sparse_gradients_if_it_says_so(subject: Subject) -> None:
    embedding = nn.Embedding(4, 2, sparse=True)
    optimizer = cast(Optimizer, subject.part).build(embedding.parameters())
    embedding(torch.tensor([1, 2])).sum().backward()
    taken = True
    try:
        optimizer.step()
    except Exception:  # packages have errors of their own for it
        taken = False
    assert taken == cast(Optimizer, subject.part).accepts_sparse


@check("scheduler", "the loop calls it so, and a learning rate is a number above zero")
def moves_the_learning_rate(subject: Subject) -> None:
    part = cast(Scheduler, subject.part)
    parameter = nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=0.1)
    made = part.build(optimizer, epochs=5, steps_per_epoch=4)
    for _ in range(5):
        for _ in range(4):
            optimizer.step()
            if part.steps == "batch":
                made.step()
            assert math.isfinite(rate := optimizer.param_groups[0]["lr"]) and rate >= 0, f"lr is {rate}"
        if part.steps == "epoch":
            made.step(1.0) if part.needs_figure else made.step()
    assert optimizer.param_groups[0]["lr"] <= 1.0


def _rates(subject: Subject) -> list[float]:
    """The learning rate of each of 20 batches, the figure never getting better."""
    part = cast(Scheduler, subject.part)
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)
    made = part.build(optimizer, epochs=5, steps_per_epoch=4)
    rates = []
    for batch in range(20):
        optimizer.step()
        rates.append(optimizer.param_groups[0]["lr"])
        if part.steps == "batch":
            made.step()
        elif part.steps == "epoch" and batch % 4 == 3:
            made.step(1.0) if part.needs_figure else made.step()
    return rates


@check("scheduler", "who reads that it falls expects no rise")
def falls_if_it_says_so(subject: Subject) -> None:
    if not cast(Scheduler, subject.part).falls:
        skip("it does not say that its rate never rises")
    rates = _rates(subject)
    assert all(b <= a + 1e-12 for a, b in itertools.pairwise(rates)), f"the rate rises: {rates}"


@check("scheduler", "a run that is resumed goes the same course")
def same_course_again(subject: Subject) -> None:
    assert _rates(subject) == _rates(subject)


@check("optimizer", "a run that was stopped goes on from its file as if it had not been")
def state_saved_and_loaded(subject: Subject) -> None:
    part, points = cast(Optimizer, subject.part), [nn.Parameter(torch.tensor([1.0, -2.0])) for _ in range(2)]
    first = part.build([points[0]])

    def step(optimizer: torch.optim.Optimizer, point: nn.Parameter) -> None:
        optimizer.zero_grad()
        point.square().sum().backward()
        optimizer.step()

    for _ in range(3):
        step(first, points[0])
    second = part.build([points[1]])
    with torch.no_grad():
        points[1].copy_(points[0])
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    for _ in range(3):
        step(first, points[0])
        step(second, points[1])
    torch.testing.assert_close(points[0], points[1])


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
