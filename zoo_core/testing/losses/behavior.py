"""Checks of losses."""

from __future__ import annotations

import itertools
import math
from typing import cast

import torch
from torch import Tensor, nn

from zoo_core.components.building.call import call_build
from zoo_core.components.contracts import Loss
from zoo_core.testing.assertions import assert_close, assert_finite, assert_gradient
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.inputs import make_scores

ROWS = 6
OPTIMIZER_STEPS = 60
NO_SOFT_TARGETS = "it declares that it does not support soft targets"


def build_loss(subject: Subject, class_weights: Tensor | None = None) -> nn.Module:
    """Build the module of a loss."""
    counts = torch.full((num_classes(subject),), ROWS)
    return cast(nn.Module, call_build(subject.component, class_weights=class_weights, class_counts=counts))


def num_classes(subject: Subject) -> int:
    """Return the number of classes to test the loss with."""
    return 2 if cast(Loss, subject.component).labels == "binary" else 3


def one_hot(subject: Subject, targets: Tensor) -> Tensor:
    """Return class indices as probabilities `(rows, classes)`."""
    return torch.nn.functional.one_hot(targets, num_classes(subject)).float()


def make_loss_inputs(subject: Subject, rows: int = ROWS, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    """Return scores of the form that the loss expects `(rows, outputs)`, and class indices `(rows,)`."""
    loss = cast(Loss, subject.component)
    scores = make_scores(rows, loss.outputs(num_classes(subject)), dtype=dtype)
    targets = torch.arange(rows) % num_classes(subject)
    if loss.expects == "probabilities":
        return torch.sigmoid(scores), targets
    return torch.softmax(scores, dim=1) if loss.expects == "distribution" else scores, targets


def make_correct_scores(subject: Subject, targets: Tensor) -> Tensor:
    """Return scores of the form that the loss expects, which predict the targets with high confidence."""
    loss, probabilities = cast(Loss, subject.component), one_hot(subject, targets)
    scores = probabilities[:, 1:2] if loss.outputs(num_classes(subject)) == 1 else probabilities
    if loss.expects in ("probabilities", "distribution"):
        return scores * 0.9 + 0.1 / num_classes(subject)
    return scores * 6 - 3 if loss.expects == "logits" else scores


@register_check("loss", "backpropagation starts from one finite number")
def returns_finite_scalar(subject: Subject) -> None:
    for rows in (ROWS, 1):
        scores, targets = make_loss_inputs(subject, rows)
        scores = scores.detach().requires_grad_()
        loss = build_loss(subject)(scores, targets)
        assert loss.shape == (), f"the shape is {tuple(loss.shape)}"
        assert_finite(loss, "the loss")
        loss.backward()
        assert scores.grad is not None, "the scores have no gradient"
        assert_finite(scores.grad, "the gradient")
        assert rows == 1 or scores.grad.abs().sum() > 0, "the gradient is zero"


@register_check("loss", "the analytic gradient must be that of the function")
def gradient_is_correct(subject: Subject) -> None:
    scores, targets = make_loss_inputs(subject, dtype=torch.float64)
    module = build_loss(subject)
    assert_gradient(lambda values: module(values, targets), (scores,))


@register_check("loss", "the size of a step must not depend on the batch size")
def mean_over_batch(subject: Subject) -> None:
    scores, targets = make_loss_inputs(subject, 2 * ROWS)
    module = build_loss(subject)
    halves = (module(scores[:ROWS], targets[:ROWS]) + module(scores[ROWS:], targets[ROWS:])) / 2
    what = f"the loss of {2 * ROWS} rows is not the mean of the losses of its halves"
    assert_close(module(scores, targets), halves, what)


@register_check("loss", "a better prediction must cost less")
def correct_costs_less_than_wrong(subject: Subject) -> None:
    module, targets = build_loss(subject), torch.arange(ROWS) % num_classes(subject)
    scores = make_correct_scores(subject, targets)
    correct, wrong = float(module(scores, targets)), float(module(scores.roll(1, 0), targets))
    assert correct < wrong, f"the loss is {correct:g} for correct predictions, {wrong:g} for wrong ones"


@register_check("loss", "one-hot soft targets must give the loss of class indices")
def soft_targets_equal_indices(subject: Subject) -> None:
    if not cast(Loss, subject.component).supports_soft_targets:
        skip(NO_SOFT_TARGETS)
    scores, targets = make_loss_inputs(subject)
    module = build_loss(subject)
    soft = module(scores, one_hot(subject, targets))
    assert_close(soft, module(scores, targets), "one-hot soft targets give another loss than class indices")


@register_check("loss", "the loss must increase as soft targets move away from the prediction")
def monotonic_in_soft_targets(subject: Subject) -> None:
    if not cast(Loss, subject.component).supports_soft_targets:
        skip(NO_SOFT_TARGETS)
    module, targets = build_loss(subject), torch.arange(ROWS) % num_classes(subject)
    probabilities, scores = one_hot(subject, targets), make_correct_scores(subject, targets)
    other_class = probabilities.roll(1, dims=1)
    losses = [float(module(scores, probabilities.lerp(other_class, share))) for share in (0.0, 0.3, 0.6, 1.0)]
    is_increasing = all(before < after for before, after in itertools.pairwise(losses))
    assert is_increasing, f"the losses are {', '.join(f'{loss:g}' for loss in losses)}"


@register_check("loss", "class weights must weight rows, and equal ones must change nothing")
def class_weights_are_applied(subject: Subject) -> None:
    scores, targets = make_loss_inputs(subject)
    ones = torch.ones(num_classes(subject))
    unweighted = build_loss(subject)(scores, targets)
    assert_close(build_loss(subject, ones)(scores, targets), unweighted, "class weights of 1 change the loss")
    first_only = torch.zeros(num_classes(subject))
    first_only[0] = 1.0
    expected = build_loss(subject)(scores[targets == 0], targets[targets == 0])
    what = "with weights of 0 for all classes but the first, the loss is not that of the rows of the first"
    assert_close(build_loss(subject, first_only)(scores, targets), expected, what)


@register_check("loss", "class weights must also apply to soft targets")
def class_weights_apply_to_soft_targets(subject: Subject) -> None:
    if not cast(Loss, subject.component).supports_soft_targets:
        skip(NO_SOFT_TARGETS)
    scores, targets = make_loss_inputs(subject)
    module = build_loss(subject, torch.arange(1.0, num_classes(subject) + 1))
    directions = []
    for some_targets in (targets, one_hot(subject, targets)):
        values = scores.detach().requires_grad_()
        [gradient] = torch.autograd.grad(module(values, some_targets), values)
        directions.append(gradient / gradient.norm())  # the mean may be over rows or over weights
    of_indices, of_soft_targets = directions
    what = "with class weights, the gradient of one-hot soft targets has another direction than that of class indices"
    assert_close(of_soft_targets, of_indices, what)


@register_check("loss", "the caller may use its inputs again")
def does_not_modify_input(subject: Subject) -> None:
    scores, targets = make_loss_inputs(subject)
    original_scores, original_targets = scores.clone(), targets.clone()
    build_loss(subject)(scores, targets)
    is_unchanged = torch.equal(scores, original_scores) and torch.equal(targets, original_targets)
    assert is_unchanged, "an input was modified in place"


@register_check("loss", "the head is built from the number of outputs and the link")
def outputs_match_link(subject: Subject) -> None:
    loss, classes = cast(Loss, subject.component), num_classes(subject)
    outputs = loss.outputs(classes)
    assert outputs in (1, classes), f"{outputs} outputs for {classes} classes"
    if loss.link == "softmax":
        assert outputs == classes, "a softmax over one output is always 1"


@register_check("loss", "reports and early stopping rely on the declared lower bound")
def never_below_lower_bound(subject: Subject) -> None:
    lower_bound, rows = cast(Loss, subject.component).lower_bound, 10 * ROWS
    scores, targets = make_loss_inputs(subject, rows)
    module = build_loss(subject)
    smallest = min(float(module(scores[i : i + 1], targets[i : i + 1])) for i in range(rows))
    assert smallest >= lower_bound - 1e-6, f"{smallest:g} is below {lower_bound:g}"


def minimize(subject: Subject) -> tuple[Tensor, Tensor, float]:
    """Minimize the loss over free scores `(rows, outputs)`; return them, the class of each row, and the loss."""
    loss, module, targets = (
        cast(Loss, subject.component),
        build_loss(subject),
        torch.arange(ROWS) % num_classes(subject),
    )
    scores = nn.Parameter(torch.zeros(ROWS, loss.outputs(num_classes(subject))))
    optimizer = torch.optim.Adam([scores], lr=0.2)

    def predict() -> Tensor:
        if loss.expects == "probabilities":
            return torch.sigmoid(scores)
        return torch.softmax(scores, dim=1) if loss.expects == "distribution" else scores

    for _ in range(OPTIMIZER_STEPS):
        optimizer.zero_grad()
        module(predict(), targets).backward()
        optimizer.step()
    return scores.detach(), targets, float(module(predict(), targets).detach())


@register_check("loss", "the minimum of the loss must be the correct prediction")
def minimum_is_the_correct_class(subject: Subject) -> None:
    scores, targets, _ = minimize(subject)
    if scores.shape[1] == 1:
        assert scores[targets == 1].min() > scores[targets == 0].max(), "the minimum does not separate the classes"
    else:
        assert torch.equal(scores.argmax(dim=1), targets), "the minimum is at another class"


@register_check("loss", "a correct prediction must cost as little as the declared lower bound")
def reaches_lower_bound(subject: Subject) -> None:
    lower_bound = cast(Loss, subject.component).lower_bound
    if lower_bound == -math.inf:
        skip("it declares no lower bound")
    smallest = minimize(subject)[2]
    assert smallest <= lower_bound + 0.1, f"the smallest loss is {smallest:g}, the lower bound {lower_bound:g}"
