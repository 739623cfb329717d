"""Checks of the minimum of losses: the correct prediction, at the declared lower bound."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.losses.inputs import as_expected, batches, build_loss, loss_of, num_classes, one_hot

OPTIMIZER_STEPS = 60


def minimize(subject: Subject, classes: int) -> tuple[Tensor, float, float]:
    """Minimize the loss over free logits, one row for each class `(classes, outputs)`.

    Return the logits, the loss at the start, where they are 0, and the loss at the end.
    """
    loss, module, targets = loss_of(subject), build_loss(subject, classes=classes), torch.arange(classes)
    logits = nn.Parameter(torch.zeros(classes, loss.outputs(classes)))
    optimizer = torch.optim.Adam([logits], lr=0.2)
    first = 0.0
    for step in range(OPTIMIZER_STEPS):
        optimizer.zero_grad()
        value = module(as_expected(loss, logits), targets)
        first = float(value.detach()) if not step else first
        value.backward()
        optimizer.step()
    with torch.no_grad():
        return logits.detach(), first, float(module(as_expected(loss, logits), targets))


def most_confident_scores(subject: Subject, classes: int) -> Tensor:
    """Return logits `(classes, outputs)` of size 3, of which each row predicts its class."""
    loss = loss_of(subject)
    if loss.link == "own":
        logits = minimize(subject, classes)[0]
        return 3 * logits / logits.abs().amax(dim=1, keepdim=True).clamp(min=1e-6)
    probabilities = one_hot(torch.arange(classes), classes)
    return (probabilities[:, 1:2] if loss.outputs(classes) == 1 else probabilities) * 6 - 3


def predict(subject: Subject, logits: Tensor, classes: int) -> Tensor:
    """Return the class that each row of logits predicts `(rows,)`."""
    loss = loss_of(subject)
    if loss.link == "own":
        return loss.predict(as_expected(loss, logits))
    return (logits[:, 0] > 0).long() if logits.shape[1] == 1 else logits.argmax(dim=1)


@register_check("loss", "the minimum of the loss must be the correct prediction")
def minimum_is_the_correct_class(subject: Subject) -> None:
    for classes in {num_classes(subject, 3), num_classes(subject, 6)}:
        logits, _, _ = minimize(subject, classes)
        if logits.shape[1] == 1 and loss_of(subject).link != "own":
            assert logits[1] > logits[0], "the minimum does not separate the two classes"
            continue
        for label, predicted in enumerate(predict(subject, logits, classes).tolist()):
            what = f"for {classes} classes, the scores of the smallest loss of class {label} predict class {predicted}"
            assert predicted == label, what


@register_check("loss", "reports and early stopping rely on the declared lower bound")
def never_below_lower_bound(subject: Subject) -> None:
    lower_bound = loss_of(subject).lower_bound
    for description, batch in batches(subject, dtype=torch.float64):
        module = build_loss(subject, classes=batch.classes).double()
        tolerance = 1e-6 * max(1.0, float(batch.scores.abs().max()))
        rows = range(len(batch.targets)) if len(batch.targets) <= 36 else range(2)
        values = [float(module(batch.scores[row : row + 1], batch.targets[row : row + 1])) for row in rows]
        values.append(float(module(batch.scores, batch.targets)))
        assert min(values) >= lower_bound - tolerance, (
            f"a loss of {min(values):g} for {description} is below the declared lower bound {lower_bound:g}"
        )


@register_check("loss", "a correct prediction must cost as little as the declared lower bound")
def reaches_lower_bound(subject: Subject) -> None:
    """Smoothed targets keep a loss from its bound, so it must come near only."""
    lower_bound = loss_of(subject).lower_bound
    if lower_bound == -math.inf:
        skip("it declares no lower bound")
    _, first, smallest = minimize(subject, num_classes(subject))
    limit = lower_bound + max(0.1, 0.45 * (first - lower_bound))
    assert smallest <= limit, (
        f"the smallest loss is {smallest:g}, far from the declared lower bound {lower_bound:g} (at scores of 0 it is "
        f"{first:g})"
    )


@register_check("loss", "a better prediction must cost less")
def correct_costs_less_than_wrong(subject: Subject) -> None:
    loss = loss_of(subject)
    for classes in {2, num_classes(subject, 3), num_classes(subject, 6)}:
        module, targets = build_loss(subject, classes=classes), torch.arange(2 * classes) % classes
        scores = as_expected(loss, most_confident_scores(subject, classes)).repeat(2, 1)
        correct, wrong = float(module(scores, targets)), float(module(scores.roll(1, 0), targets))
        assert correct < wrong, (
            f"for {classes} classes, the loss is {correct:g} for correct predictions, {wrong:g} for wrong ones"
        )
