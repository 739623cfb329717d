"""Checks of soft targets: probabilities of the classes instead of class indices."""

from __future__ import annotations

import itertools

import torch

from zoo_core.components.building.call import takes_argument
from zoo_core.testing.assertions import assert_close
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.losses.inputs import as_expected, batches, build_loss, loss_of, num_classes, one_hot
from zoo_core.testing.losses.minimum import most_confident_scores

NO_SOFT_TARGETS = "it declares that it does not support soft targets"
SHARES = (0.0, 0.3, 0.5, 0.6, 1.0)


@register_check("loss", "one-hot soft targets must give the loss of class indices")
def soft_targets_equal_indices(subject: Subject) -> None:
    if not loss_of(subject).supports_soft_targets:
        skip(NO_SOFT_TARGETS)
    for description, batch in batches(subject, harsh=False):
        module = build_loss(subject, classes=batch.classes)
        value = module(batch.scores, batch.targets)
        what = f"one-hot soft targets give another loss than class indices, for {description}"
        assert_close(module(batch.scores, batch.soft_targets()), value, what)


@register_check("loss", "the loss must increase as soft targets move away from the prediction")
def monotonic_in_soft_targets(subject: Subject) -> None:
    loss, classes = loss_of(subject), num_classes(subject)
    if not loss.supports_soft_targets:
        skip(NO_SOFT_TARGETS)
    module, best = build_loss(subject).double(), most_confident_scores(subject, classes).double()
    for rows, moved in ((6, 6), (6, 1), (258, 1)):
        targets = torch.arange(rows) % classes
        scores, certain = as_expected(loss, best[targets]), one_hot(targets, classes).double()
        losses = []
        for share in SHARES:
            soft = certain.clone()
            soft[rows - moved :] = certain.lerp(certain.roll(1, dims=1), share)[rows - moved :]
            losses.append(float(module(scores, soft)))
        is_increasing = all(before < after for before, after in itertools.pairwise(losses))
        what = "all" if moved == rows else "one"
        assert is_increasing, (
            f"as the targets of {what} of {rows} rows move from the predicted class to another, the loss does not "
            f"increase each time: {', '.join(f'{value:.9g}' for value in losses)}"
        )


@register_check("loss", "class weights must also apply to soft targets")
def class_weights_apply_to_soft_targets(subject: Subject) -> None:
    if not loss_of(subject).supports_soft_targets:
        skip(NO_SOFT_TARGETS)
    if not takes_argument(subject.component, "class_weights"):
        skip("it does not take class weights")
    for description, batch in batches(subject, harsh=False):
        module = build_loss(subject, torch.arange(1.0, batch.classes + 1), classes=batch.classes)
        directions = []
        for some_targets in (batch.targets, batch.soft_targets()):
            values = batch.scores.clone().requires_grad_()
            [gradient] = torch.autograd.grad(module(values, some_targets), values)
            directions.append(gradient / gradient.norm().clamp(min=1e-12))  # the mean may be over rows or weights
        of_indices, of_soft_targets = directions
        what = (
            "with class weights, the gradient of one-hot soft targets has another direction than that of class "
            f"indices, for {description}"
        )
        assert_close(of_soft_targets, of_indices, what)
