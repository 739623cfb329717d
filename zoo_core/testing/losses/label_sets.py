"""Checks of losses with multi-label targets: each label by itself, the mean over rows and labels, positive weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
from attrs import frozen
from torch import Tensor, nn

from zoo_core.components.building.call import call_build, takes_argument
from zoo_core.seeds import make_generator
from zoo_core.testing.assertions import assert_close
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.input_sets import InputSet
from zoo_core.testing.losses.inputs import as_expected, loss_of, require_type

LARGEST = 1000.0
STEP = 0.5  # of a score
MAX_PAIRS = 100  # of a row and a label, whose losses are computed one by one


@frozen(eq=False)
class LabelInput:
    """Logits and targets `(rows, classes)`; a target is 1 for a label that the row has, else 0."""

    logits: Tensor
    targets: Tensor
    is_harsh: bool = False


def make_labels(rows: int, classes: int, *, share: float = 0.3, size: float = 2.0) -> LabelInput:
    """Return random logits up to about `size`, and labels that this share of the pairs has."""
    generator = make_generator(7, "labels", rows, classes)
    targets = (torch.rand(rows, classes, generator=generator) < share).float()
    return LabelInput(torch.randn(rows, classes, generator=generator) * size, targets, is_harsh=size > 10)


def _constant(score: float, targets: float) -> Callable[[], LabelInput]:
    return lambda: LabelInput(torch.full((4, 3), score), torch.full((4, 3), targets), is_harsh=True)


LABEL_INPUTS = InputSet(
    "loss",
    1,
    {
        "12 rows of 3 labels": lambda: make_labels(12, 3),
        "1 row of 2 labels": lambda: make_labels(1, 2),
        "256 rows of 6 labels": lambda: make_labels(256, 6),
        "12 rows of 300 labels": lambda: make_labels(12, 300, share=0.01),
        "12 rows of 3 labels, none of which a row has": lambda: make_labels(12, 3, share=0.0),
        "12 rows of 3 labels, all of which each row has": lambda: make_labels(12, 3, share=1.1),
        "scores of 0 of rows with all labels": _constant(0.0, 1.0),
        "scores of 1,000 of rows without labels": _constant(LARGEST, 0.0),
        "scores of -1,000 of rows with all labels": _constant(-LARGEST, 1.0),
        "scores of 1,000 of rows with all labels": _constant(LARGEST, 1.0),
        "scores of -1,000 of rows without labels": _constant(-LARGEST, 0.0),
        "scores of about 300": lambda: make_labels(24, 6, size=300.0),
    },
)


def build_label_loss(subject: Subject, positive_weights: Tensor | None = None) -> nn.Module:
    """Build the module of a loss for multi-label targets; skips the check if it does not support them."""
    loss = require_type(subject, "multi-label")
    offered = {"targets": "multi-label", "positive_weights": positive_weights, "class_weights": None}
    return cast(nn.Module, call_build(loss, **offered))


def scores_of(subject: Subject, given: LabelInput, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return the scores in the form that the loss expects."""
    return as_expected(loss_of(subject), given.logits.to(dtype))


@register_check("loss", "one text with all labels, or without one, must not end the training")
def labels_finite_at_any_score(subject: Subject) -> None:
    module = build_label_loss(subject)
    for description, given in LABEL_INPUTS:
        scores = scores_of(subject, given).requires_grad_()
        value = module(scores, given.targets)
        assert isinstance(value, Tensor) and value.ndim == 0, f"the loss is not a scalar for {description}"
        value.backward()
        value, gradient = value.detach(), scores.grad
        is_finite = bool(torch.isfinite(value)) and gradient is not None and bool(torch.isfinite(gradient).all())
        assert is_finite, f"the loss {float(value):g} or its gradient is not finite for {description}"
        assert float(value) >= loss_of(subject).lower_bound, (
            f"the loss {float(value):g} is below the declared lower bound, for {description}"
        )


@register_check("loss", "the size of a step must depend neither on the batch size nor on the number of labels")
def labels_mean_over_rows_and_labels(subject: Subject) -> None:
    module = build_label_loss(subject).double()
    for description, given in LABEL_INPUTS:
        if given.is_harsh or given.targets.numel() > MAX_PAIRS:
            continue
        scores, targets = scores_of(subject, given, torch.float64), given.targets.double()
        pairs = [
            float(module(score.reshape(1, 1), target.reshape(1, 1)))
            for score, target in zip(scores.flatten(), targets.flatten(), strict=True)
        ]
        what = f"the loss of {description} is not the mean of the losses of each label of each row"
        assert_close(float(module(scores, targets)), sum(pairs) / len(pairs), what, rtol=1e-6)


@register_check("loss", "the loss must fall when a score moves towards what is right")
def labels_right_costs_less(subject: Subject) -> None:
    module = build_label_loss(subject).double()
    for size in (-8.0, -2.0, 0.0, 2.0, 8.0):
        for target in (0.0, 1.0):
            logits = torch.tensor([[size], [size + STEP]], dtype=torch.float64)
            scores = as_expected(loss_of(subject), logits)
            low, high = (float(module(score.reshape(1, 1), torch.full((1, 1), target).double())) for score in scores)
            better, worse = (high, low) if target else (low, high)
            assert better <= worse, (
                f"for a label that a row {'has' if target else 'lacks'}, the loss is {low:g} at the score {size:g} "
                f"and {high:g} at {size + STEP:g}"
            )
            if size == 0:
                assert better < worse, f"the loss is the same at the scores 0 and {STEP:g}, whatever is right"


@register_check("loss", "positive weights must multiply the losses of the labels that a row has")
def positive_weights_are_applied(subject: Subject) -> None:
    if not takes_argument(subject.component, "positive_weights"):
        skip("it takes no positive weights")
    given = make_labels(24, 3)
    scores, targets = scores_of(subject, given, torch.float64), given.targets.double()
    weights = torch.tensor([1.0, 3.0, 0.5])
    plain, equal, weighted = (build_label_loss(subject, one).double() for one in (None, torch.ones(3), weights))
    what = "positive weights of 1 change the loss"
    assert_close(float(equal(scores, targets)), float(plain(scores, targets)), what, rtol=1e-6)
    for column, weight in enumerate(weights.tolist()):
        for target, factor in ((1.0, weight), (0.0, 1.0)):
            given_targets = targets.clone()
            given_targets[:, column] = target
            expected = sum(
                _own_loss(plain, scores, given_targets, number, one) for number, one in enumerate(weights.tolist())
            )
            what = f"with positive weights, the loss of rows that {'have' if target else 'lack'} a label of {factor:g}"
            assert_close(float(weighted(scores, given_targets)), expected, f"{what} is wrong", rtol=1e-5)


def _own_loss(module: nn.Module, scores: Tensor, targets: Tensor, column: int, weight: float) -> float:
    """Return what a label of three adds to the mean, with a weight for the rows that have it."""
    own, has_label = scores[:, column], targets[:, column] == 1
    total = 0.0
    for rows, factor in ((has_label, weight), (~has_label, 1.0)):
        if bool(rows.any()):
            part = own[rows].unsqueeze(1)
            total += factor * float(module(part, targets[rows, column].unsqueeze(1))) * len(part)
    return total / targets.numel()


@register_check("loss", "the caller may use its inputs again, and a loss must not depend on the calls before")
def labels_calls_are_independent(subject: Subject) -> None:
    module = build_label_loss(subject)
    for description, given in LABEL_INPUTS:
        scores, targets = scores_of(subject, given), given.targets.clone()
        before = scores.clone(), targets.clone()
        first, second = float(module.train()(scores, targets)), float(module.eval()(scores, targets))
        assert first == second, f"the loss is {first:g}, and in evaluation {second:g}, for {description}"
        is_same = torch.equal(scores, before[0]) and torch.equal(targets, before[1])
        assert is_same, f"the loss modifies its inputs, for {description}"
