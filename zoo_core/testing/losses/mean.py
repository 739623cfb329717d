"""Checks that a loss is the mean over the rows of a batch, weighted by the class at most."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from zoo_core.components.building.call import takes_argument
from zoo_core.testing.assertions import assert_close
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.inputs import make_scores
from zoo_core.testing.losses.inputs import Batch, LossInput, build_loss, loss_of, num_classes

COPIES = (2, 12, 257, 512)
LABELS = (0, 1, 2, 3, 4, 5, 0, 0, 0, 1, 1, 2)
TOLERANCE = 1e-6


def make_rows(subject: Subject, classes: int) -> Batch:
    """Return 12 rows of classes that are not even, as float64."""
    targets = torch.tensor(LABELS) % classes
    return LossInput(classes, targets, make_scores).make(loss_of(subject), torch.float64)


def row_losses(module: nn.Module, batch: Batch) -> Tensor:
    """Return the loss of each row by itself `(rows,)`."""
    pairs = zip(batch.scores.split(1), batch.targets.split(1), strict=True)
    return torch.stack([module(scores, targets).detach().double() for scores, targets in pairs])


def class_shares(module: nn.Module, batch: Batch, losses: Tensor) -> Tensor:
    """Return how much a row of each class counts `(classes,)`: 1 for all, if the loss does not weight classes itself.

    It is inferred from the loss of two rows of different classes, L = (l₀ + w·l₁) / (1 + w).
    """
    shares = torch.ones(batch.classes, dtype=torch.float64)
    for label in range(1, batch.classes):
        row = LABELS.index(label)
        pair = torch.tensor([0, row])
        value = float(module(batch.scores[pair], batch.targets[pair]).detach())
        first, other = float(losses[0]), float(losses[row])
        if math.isclose(value, (first + other) / 2, rel_tol=1e-9, abs_tol=1e-12) or abs(first - other) < 1e-9:
            continue
        share = (first - value) / (value - other) if value != other else math.inf
        assert 0 < share < math.inf, (
            f"the loss of a row of class 0 is {first:g}, that of a row of class {label} is {other:g}, and that of both "
            f"is {value:g}: it is not their mean"
        )
        shares[label] = share
    return shares


@register_check("loss", "the size of a step must not depend on the batch size")
def mean_over_batch(subject: Subject) -> None:
    for classes in {2, num_classes(subject, 6)}:
        module, batch = build_loss(subject, classes=classes).double(), make_rows(subject, classes)
        losses = row_losses(module, batch)
        _check_copies(module, batch.scores[:1], batch.targets[:1], float(losses[0]))
        if loss_of(subject).supports_soft_targets:
            soft = batch.soft_targets(0.3)[:1]
            _check_copies(module, batch.scores[:1], soft, float(module(batch.scores[:1], soft)))
        shares = class_shares(module, batch, losses)
        for rows, what in _parts(batch):
            weights = shares[batch.targets[rows]]
            expected = (weights * losses[rows]).sum() / weights.sum()
            value = module(batch.scores[rows], batch.targets[rows]).detach().double()
            message = f"the loss of {what} of {classes} classes is not the mean of the losses of its rows"
            assert_close(value, expected, message, rtol=TOLERANCE, atol=TOLERANCE)


def _check_copies(module: nn.Module, scores: Tensor, targets: Tensor, loss: float) -> None:
    for copies in COPIES:
        repeats = (copies, 1) if targets.ndim == 2 else (copies,)
        value = float(module(scores.repeat(copies, 1), targets.repeat(*repeats)).detach())
        if math.isclose(value, loss, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
            continue
        times = f"{value / loss:.3g} times " if loss else f"{value:g} instead of "
        reason = ": it is a sum, not a mean" if math.isclose(value, copies * loss, rel_tol=1e-4) else ""
        raise AssertionError(f"for {copies} copies of a row the loss is {times}that of the row{reason}")


def _parts(batch: Batch) -> list[tuple[Tensor, str]]:
    """Row numbers and their description: all, in another order, many, of one class, of two classes."""
    rows = torch.arange(len(batch.targets))
    return [
        (rows, "12 rows"),
        (rows.flip(0), "12 rows in another order"),
        (rows.repeat(42)[:500], "500 rows"),
        (rows[batch.targets == 0], "rows of class 0 only"),
        (rows[batch.targets == batch.classes - 1], "rows of the last class only"),
        (rows[batch.targets < 2], "rows of the first two classes"),
    ]


@register_check("loss", "class weights must weight rows, and equal ones must change nothing")
def class_weights_are_applied(subject: Subject) -> None:
    if not takes_argument(subject.component, "class_weights"):
        skip("it does not take class weights")
    for classes in {2, num_classes(subject, 6)}:
        module, batch = build_loss(subject, classes=classes).double(), make_rows(subject, classes)
        losses = row_losses(module, batch)
        shares = class_shares(module, batch, losses)
        first_only = torch.zeros(classes)
        first_only[0] = 1.0
        cases = {
            "1": torch.ones(classes),
            f"1 to {classes}": torch.arange(1.0, classes + 1),
            "0 but of class 0": first_only,
        }
        for what, class_weights in cases.items():
            weighted = build_loss(subject, class_weights, classes=classes).double()
            for numbers in (3, 12, 264):
                rows = torch.arange(numbers) % len(losses)
                weights = (shares * class_weights.double())[batch.targets[rows]]
                expected = (weights * losses[rows]).sum() / weights.sum()
                for mode in (True, False):
                    value = weighted.train(mode)(batch.scores[rows], batch.targets[rows]).detach().double()
                    message = (
                        f"with class weights of {what}, the loss of {len(rows)} rows is not the mean of the losses of "
                        "its rows, weighted by their classes"
                    )
                    assert_close(value, expected, message, rtol=TOLERANCE, atol=TOLERANCE)
