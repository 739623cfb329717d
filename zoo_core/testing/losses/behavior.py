"""Checks of the values and gradients of losses: one finite number, at any scores, and the mean over the batch."""

from __future__ import annotations

import torch
from torch import nn

from zoo_core.components.contracts import Loss
from zoo_core.testing.assertions import assert_finite, assert_gradient
from zoo_core.testing.cases import Subject, register_check
from zoo_core.testing.losses.inputs import (
    Batch,
    as_expected,
    batches,
    build_loss,
    loss_of,
    make_loss_inputs,
    num_classes,
    one_hot,
)
from zoo_core.testing.losses.minimum import most_confident_scores

__all__ = ["build_loss", "make_loss_inputs"]
GRADIENT_SIZES = (1.0, 10.0, 30.0)
RAY = (2.0, 4.0, 6.0, 100.0, 1000.0)  # sizes of wrong scores


@register_check("loss", "backpropagation starts from one finite number")
def returns_finite_scalar(subject: Subject) -> None:
    for description, batch in batches(subject, harsh=False):
        gradient_size = _check_finite(subject, batch, description)
        assert len(batch.targets) == 1 or gradient_size > 0, f"the gradient is zero for {description}"


@register_check("loss", "one row that is certain, or a model that starts at 0, must not end the training")
def finite_at_any_score(subject: Subject) -> None:
    for description, batch in batches(subject, harsh=True):
        gradient_size = _check_finite(subject, batch, description)
        if "+0" in description:
            assert gradient_size > 0, f"the gradient is zero for {description}: a model that starts at 0 never learns"


def _check_finite(subject: Subject, batch: Batch, description: str) -> float:
    """Check the loss and its gradient, of class indices and of soft targets; return the size of the gradient."""
    module, size = build_loss(subject, classes=batch.classes), 0.0
    kinds = [batch.targets]
    if loss_of(subject).supports_soft_targets:
        kinds += [batch.soft_targets(), batch.soft_targets(0.3)]
    for targets in kinds:
        where = description if targets.ndim == 1 else f"{description}, with soft targets"
        scores = batch.scores.clone().requires_grad_()
        value = module(scores, targets)
        assert value.shape == (), f"the loss of {where} has the shape {tuple(value.shape)}, not ()"
        assert_finite(value, f"the loss of {where}")
        assert value.requires_grad, "the loss has no gradient: it is detached from the scores"
        value.backward()
        assert scores.grad is not None, f"the scores of {where} have no gradient"
        assert_finite(scores.grad, f"the gradient of {where}")
        size = max(size, float(scores.grad.abs().sum()))
    return size


@register_check("loss", "half precision has too few digits for a loss")
def keeps_the_dtype(subject: Subject) -> None:
    for dtype in (torch.float32, torch.float64):
        scores, targets = make_loss_inputs(subject, dtype=dtype)
        value = build_loss(subject).to(dtype)(scores, targets)
        assert value.dtype in (dtype, torch.float64), f"for scores of {dtype}, the loss is {value.dtype}"
        digits = abs(float(value) - float(value.bfloat16()))
        assert digits > 0 or float(value) == 0, f"for scores of {dtype}, the loss has the digits of bfloat16 only"


@register_check("loss", "the analytic gradient must be that of the function")
def gradient_is_correct(subject: Subject) -> None:
    loss, classes = loss_of(subject), num_classes(subject)
    module = build_loss(subject).double()
    is_bounded = loss.expects in ("probabilities", "distribution")
    scores, targets = make_loss_inputs(subject, classes, dtype=torch.float64)
    for size in GRADIENT_SIZES[: 1 if is_bounded else None]:
        where = f"for {classes} classes and scores up to {3 * size:g} in size"
        assert_gradient(lambda values: module(values, targets), (scores * size,), where)


@register_check("loss", "a wrong prediction must be corrected, however certain it is")
def learns_from_any_score(subject: Subject) -> None:
    """A loss that grows linearly with a wrong score, as cross-entropy, must not stop to: its gradient would be 0."""
    loss = loss_of(subject)
    if loss.expects in ("probabilities", "distribution"):
        _check_probability_of_zero(subject)
        return
    for classes in {2, num_classes(subject, 6)}:
        module, best = build_loss(subject, classes=classes), most_confident_scores(subject, classes) / 3
        for wrong in range(classes):
            label = (wrong + 1) % classes
            directions = [best[wrong]]
            if loss.outputs(classes) == classes and loss.link != "own":  # one score alone is wrong
                unit = torch.eye(classes)
                directions += [2 * unit[wrong], -2 * unit[label]]
            for direction in directions:
                losses = [float(module(size * direction.unsqueeze(0), torch.tensor([label]))) for size in RAY]
                _check_growth(losses, f"for a row of class {label} that is predicted as class {wrong} of {classes}")


def _check_probability_of_zero(subject: Subject) -> None:
    """Fail if a row has no gradient whose class has the probability 0, as a sigmoid or softmax gives it."""
    loss = loss_of(subject)
    for classes in {2, num_classes(subject, 6)}:
        module = build_loss(subject, classes=classes)
        for label in range(classes):
            wrong = one_hot(torch.tensor([(label + 1) % classes]), classes)
            scores = (wrong[:, 1:] if loss.outputs(classes) == 1 else wrong).requires_grad_()
            module(scores, torch.tensor([label])).backward()
            assert scores.grad is None or scores.grad.any(), (
                f"for a row of class {label} of {classes} with the probability 0, the gradient is 0: clamp() stops it, "
                "so that the row is never learned"
            )


def _check_growth(losses: list[float], where: str) -> None:
    slopes = [(losses[end] - losses[end - 1]) / (RAY[end] - RAY[end - 1]) for end in range(1, len(RAY))]
    is_linear = slopes[1] > 0 and slopes[1] >= 0.98 * slopes[0]
    assert not is_linear or slopes[-1] >= 0.5 * slopes[1], (
        f"{where}, the loss is {losses[2]:g} for scores of size 6, and {losses[-1]:g} for 1,000: it stops to grow, and "
        "its gradient becomes 0"
    )


@register_check("loss", "a class or an output that the loss does not see is not learned")
def sees_every_class(subject: Subject) -> None:
    loss = loss_of(subject)
    for classes in {2, num_classes(subject, 6)}:
        if loss.outputs(classes) == classes and loss.link != "own":
            _check_outputs(loss, build_loss(subject, classes=classes), classes)
    for classes in {2, num_classes(subject, 6)}:
        module = build_loss(subject, classes=classes)
        best = most_confident_scores(subject, classes)
        for label in range(classes):
            target = torch.tensor([label])
            own, *others = (
                float(module(as_expected(loss, best[(label + shift) % classes].unsqueeze(0)), target))
                for shift in range(classes)
            )
            assert own < min(others), (
                f"a row of class {label} of {classes} costs {own:g} if it is predicted correctly, and {min(others):g} "
                "if it is predicted as another class"
            )


def _check_outputs(loss: Loss, module: nn.Module, classes: int) -> None:
    """Check the direction of the gradient for each class and each class that it is mistaken for.

    The other classes have low scores: a class beside the correct one is better than they are, to an ordinal loss."""
    labels, mistaken = (part.flatten() for part in torch.meshgrid(*[torch.arange(classes)] * 2, indexing="ij"))
    labels, mistaken = labels[labels != mistaken], mistaken[labels != mistaken]

    def make_logits(rows: int, outputs: int) -> torch.Tensor:
        logits = torch.linspace(-7.4, -6.6, outputs).repeat(rows, 1)
        logits[torch.arange(rows), mistaken], logits[torch.arange(rows), labels] = 2.0, -1.0
        return logits

    logits = make_logits(len(labels), classes).requires_grad_()
    module(as_expected(loss, logits), labels).backward()
    gradient = logits.grad if logits.grad is not None else torch.zeros_like(logits)
    for row, (label, other) in enumerate(zip(labels.tolist(), mistaken.tolist(), strict=True)):
        what = f"for {classes} classes, a row of class {label} that is mistaken for class {other}"
        assert gradient[row, label] < 0, f"{what}: raising the score of class {label} does not lower the loss"
        assert gradient[row, other] > 0, f"{what}: raising the score of class {other} does not raise the loss"
