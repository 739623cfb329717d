"""Checks of the outputs of losses: their number, and probabilities and predictions of a loss with a link of its own."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from zoo_core.components.building.call import call_build, takes_argument
from zoo_core.components.contracts import Loss
from zoo_core.messages import pluralize
from zoo_core.testing.assertions import assert_finite
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.inputs import make_scores
from zoo_core.testing.losses.inputs import COUNTS, as_expected, batches, loss_of, num_classes, require_type
from zoo_core.testing.losses.minimum import minimize, most_confident_scores

STEPS = (0.0, 0.25, 0.5, 1.0)
CLEAR = 0.95  # probability of a class that any rule must predict, as the mode, the median or the rounded mean do
ALLOWED = {"softmax": "one for each class", "sigmoid": "1"}


@register_check("loss", "the head is built from the number of outputs and the link")
def outputs_match_link(subject: Subject) -> None:
    loss = require_type(subject, "single-label")
    for classes in {2, num_classes(subject), num_classes(subject, 6)}:
        outputs = loss.outputs(classes)
        assert type(outputs) is int and outputs >= 1, f"outputs({classes}) is {outputs!r}, not a positive whole number"
        allowed = {"softmax": (classes,), "sigmoid": (1,)}.get(loss.link, (1, classes))
        assert outputs in allowed or loss.link == "own", (
            f'{outputs} outputs for {classes} classes, but the link "{loss.link}" is of '
            f"{ALLOWED.get(loss.link, '1, or one for each class')}"
        )


@register_check("loss", "probabilities are shown, calibrated and compared")
def probabilities_are_a_distribution(subject: Subject) -> None:
    loss = _own_link(subject)
    for dtype in (torch.float32, torch.float64):
        for description, batch in batches(subject, dtype=dtype):
            probabilities = loss.probabilities(batch.scores)
            shape, expected = tuple(probabilities.shape), (len(batch.targets), batch.classes)
            assert shape == expected, f"the probabilities of {description} have the shape {shape}, not {expected}"
            assert_finite(probabilities, f"probabilities() of {description}")
            low, high = float(probabilities.detach().min()), float(probabilities.detach().max())
            assert low >= 0 and high <= 1 + 1e-6, f"the probabilities of {description} are from {low:g} to {high:g}"
            sums = probabilities.detach().sum(dim=1)
            off = float(sums[(sums - 1).abs().argmax()])
            assert abs(off - 1) <= 1e-4, f"the probabilities of a row of {description} sum to {off:g}, not to 1"
            _check_gradient(loss, batch.scores, description)


def _check_gradient(loss: Loss, scores: Tensor, description: str) -> None:
    scores = scores.clone().requires_grad_()
    probabilities = loss.probabilities(scores)
    text = f"probabilities() of {description} is detached from the scores: explanations need its gradient"
    assert probabilities.requires_grad, text
    [gradient] = torch.autograd.grad((probabilities * torch.arange(probabilities.shape[1])).sum(), scores)
    assert_finite(gradient, f"the gradient of probabilities() of {description}")


@register_check("loss", "what is predicted must be what is probable, and what was learned")
def predictions_match_probabilities(subject: Subject) -> None:
    loss = _own_link(subject)
    for description, batch in batches(subject):
        labels = loss.predict(batch.scores)
        assert labels.shape == batch.targets.shape and not labels.is_floating_point(), (
            f"predict() gives {tuple(labels.shape)} {labels.dtype} for {description}, not class indices (batch,)"
        )
        low, high = int(labels.min()), int(labels.max())
        assert low >= 0 and high < batch.classes, (
            f"predict() gives the class {low if low < 0 else high}, for {description}"
        )
        if not loss.has_own_prediction():
            agrees = torch.equal(labels, loss.probabilities(batch.scores).argmax(dim=1))
            assert agrees, f"predict() does not give the class of the largest probability, for {description}"
    for classes in {2, num_classes(subject), num_classes(subject, 6)}:
        scores = as_expected(loss, minimize(subject, classes)[0])
        likeliest, labels = loss.probabilities(scores).argmax(dim=1), loss.predict(scores)
        for label in range(classes):
            what = f"the scores of the smallest loss of class {label} of {classes}"
            assert int(likeliest[label]) == label, (
                f"{what} have the largest probability at class {int(likeliest[label])}"
            )
            assert int(labels[label]) == label, f"{what} predict class {int(labels[label])}"
        _check_clear_rows(loss, classes)


def _check_clear_rows(loss: Loss, classes: int) -> None:
    """Fail if a class with nearly all of the probability is not predicted, for low, usual and high scores."""
    for shift in (-8.0, 0.0, 8.0):
        scores = as_expected(loss, make_scores(256, loss.outputs(classes)) * 3 + shift)
        probabilities, labels = loss.probabilities(scores), loss.predict(scores)
        largest, likeliest = probabilities.max(dim=1)
        wrong = ((largest >= CLEAR) & (labels != likeliest)).nonzero().flatten()
        if len(wrong):
            row = int(wrong[0])
            text = f"class {int(likeliest[row])} of {classes} has the probability {float(largest[row]):.3g}"
            numbers = ", ".join(f"{score:.3g}" for score in scores[row].tolist())
            raise AssertionError(f"{text}, but predict() gives class {int(labels[row])}, for the scores {numbers}")


@register_check("loss", "a better score must give a larger probability")
def probabilities_are_monotone(subject: Subject) -> None:
    loss = _own_link(subject)
    for classes in {2, num_classes(subject), num_classes(subject, 6)}:
        best = most_confident_scores(subject, classes)
        steps = [loss.probabilities(as_expected(loss, step * best)).detach().diagonal() for step in STEPS]
        for label in range(classes):
            values = [float(step[label]) for step in steps]
            is_increasing = values == sorted(values) and values[0] < values[-1]
            assert is_increasing, (
                f"as the scores move from 0 to those of class {label} of {classes}, its probability is "
                f"{', '.join(f'{value:.3g}' for value in values)}"
            )


def _own_link(subject: Subject) -> Loss:
    loss = loss_of(subject)
    if loss.link != "own":
        skip('its link is not "own"')
    return loss


@register_check("loss", "a class may have one row, or most of them, or none of the probability of soft targets")
def finite_for_any_class_counts(subject: Subject) -> None:
    if not takes_argument(subject.component, "class_counts"):
        skip("it does not take class counts")
    for description, batch in batches(subject):
        more = torch.arange(batch.classes)
        kinds = {
            "1 of each class": torch.ones(batch.classes, dtype=torch.int64),
            "1 of class 0 and 1,000,000 of each other": torch.where(more == 0, 1, 1_000_000),
            "sums of soft targets": 0.25 + more.float() * 3.5,
        }
        if loss_of(subject).supports_soft_targets:
            kinds["soft targets without class 0"] = more.float() * 3.5
        for what, counts in kinds.items():
            module = call_build(subject.component, class_weights=None, class_counts=counts)
            scores = batch.scores.clone().requires_grad_()
            value = module(scores, batch.targets)
            where = f"for class counts of {what}, and {description}"
            assert_finite(value, f"the loss {where},")
            [gradient] = torch.autograd.grad(value, scores)
            assert_finite(gradient, f"the gradient {where},")


@register_check("loss", "class counts help the rare classes, and are in the order of the classes")
def class_counts_favor_rare_classes(subject: Subject) -> None:
    """At equal scores a row of a rare class must not cost less than one of a frequent class."""
    if not takes_argument(subject.component, "class_counts"):
        skip("it does not take class counts")
    loss, classes = loss_of(subject), num_classes(subject, 6)
    scores = as_expected(loss, torch.zeros(1, loss.outputs(classes)))
    equal, uneven = (
        _costs(call_build(loss, class_weights=None, class_counts=counts), scores)
        for counts in (torch.full((classes,), 50), torch.tensor(COUNTS[:classes]))
    )
    if max(equal) - min(equal) > 1e-4 * max(map(abs, equal)):
        skip("it distinguishes the classes without their counts")
    order = sorted(range(classes), key=COUNTS.__getitem__)
    for rare, frequent in pairwise(order):
        assert uneven[rare] >= uneven[frequent] - 1e-4 * abs(uneven[frequent]), (
            f"at equal scores a row of a class with {pluralize(COUNTS[rare], 'row')} costs {uneven[rare]:.4g}, and one "
            f"of a class with {COUNTS[frequent]} rows {uneven[frequent]:.4g}: counts must raise the loss of rare ones"
        )


def _costs(module: nn.Module, scores: Tensor) -> list[float]:
    classes = max(scores.shape[1], 2)
    return [float(module(scores, torch.tensor([label]))) for label in range(classes)]
