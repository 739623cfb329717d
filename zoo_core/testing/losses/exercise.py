"""What losses do with the inputs of their kind."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from zoo_core.testing.cases import Subject
from zoo_core.testing.exercises import register_exercise
from zoo_core.testing.losses.inputs import batches, build_loss, loss_of
from zoo_core.testing.losses.label_sets import LABEL_INPUTS, build_label_loss, scores_of

WEIGHTED_INPUTS = ("12 rows of 3 classes", "512 rows of 2 classes")  # also with class weights and soft targets


@register_exercise("loss")
def exercise_loss(subject: Subject) -> dict[str, list[Tensor]]:
    """Return the loss and the gradient for each input, of some with class weights and of soft targets, too."""
    loss = loss_of(subject)
    results: dict[str, list[Tensor]] = {}
    if "multi-label" in loss.targets:
        labels = build_label_loss(subject)
        results = {name: _use(labels, scores_of(subject, given), given.targets) for name, given in LABEL_INPUTS}
    if "single-label" not in loss.targets:
        return results
    for description, batch in batches(subject):
        module = build_loss(subject, classes=batch.classes)
        results[description] = _use(module, batch.scores, batch.targets)
        if description in WEIGHTED_INPUTS:
            weighted = build_loss(subject, torch.arange(1.0, batch.classes + 1), classes=batch.classes)
            results[description] += _use(weighted, batch.scores, batch.targets)
            if loss.supports_soft_targets:
                results[description] += _use(module, batch.scores, batch.soft_targets(0.3))
        if loss.link == "own":
            results[description] += [loss.probabilities(batch.scores), loss.predict(batch.scores)]
    return results


def _use(module: nn.Module, scores: Tensor, targets: Tensor) -> list[Tensor]:
    """Return the loss and the gradient."""
    scores = scores.clone().requires_grad_()
    value = module(scores, targets)
    value.backward()
    return [value.detach(), scores.grad if scores.grad is not None else scores.detach()]
