"""Checks of losses from call to call: inputs, state, and training against evaluation."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from zoo_core.seeds import seeded
from zoo_core.testing.assertions import assert_equal
from zoo_core.testing.cases import Subject, register_check
from zoo_core.testing.losses.inputs import Batch, batches, build_loss, loss_of

REPEATED_INPUTS = ("12 rows of 3 classes", "1 row of 6 classes", "256 rows of 6 classes", "512 rows of 2 classes")
MODES = {True: "in training mode", False: "in evaluation mode"}


@register_check("loss", "the caller may use its inputs again")
def does_not_modify_input(subject: Subject) -> None:
    for description, batch in batches(subject):
        module = build_loss(subject, classes=batch.classes)
        for mode, when in MODES.items():
            for targets in _targets(subject, batch):
                originals = batch.scores.clone(), targets.clone()
                module.train(mode)(batch.scores, targets)
                for name, tensor, original in zip(
                    ("scores", "targets"), (batch.scores, targets), originals, strict=True
                ):
                    kind = "soft " if name == "targets" and targets.ndim == 2 else ""
                    is_same = torch.equal(tensor, original)
                    assert is_same, f"{when}, it modifies its {kind}{name} in place, for {description}"


def _targets(subject: Subject, batch: Batch) -> list[Tensor]:
    return [batch.targets, batch.soft_targets(0.3)] if loss_of(subject).supports_soft_targets else [batch.targets]


def _repeated(subject: Subject) -> list[tuple[str, Batch]]:
    return [(description, batch) for description, batch in batches(subject) if description in REPEATED_INPUTS]


def _apply(module: nn.Module, scores: Tensor, targets: Tensor, seed: int = 7) -> Tensor:
    with seeded(seed, "dropout"), torch.no_grad():
        result: Tensor = module(scores, targets)
        return result


@register_check("loss", "a loss must not depend on the calls before")
def calls_are_independent(subject: Subject) -> None:
    for description, batch in _repeated(subject):
        others = batch.scores.flip(1) if batch.scores.shape[1] > 1 else batch.scores.flip(0)
        other_targets = (batch.targets + 1) % batch.classes
        for mode, when in MODES.items():
            module = build_loss(subject, classes=batch.classes).train(mode)
            scores, targets = batch.scores.clone(), batch.targets.clone()
            first = _apply(module, scores, targets).clone()
            again = _apply(module, scores, targets)
            assert_equal(
                again, first, f"{when}, the second call with the same inputs gives another loss, for {description}"
            )
            expected = _apply(build_loss(subject, classes=batch.classes).train(mode), others, other_targets)
            what = f"{when}, the loss depends on the call before, for {description}"
            assert_equal(_apply(module, others, other_targets), expected, what)
            scores.copy_(others), targets.copy_(other_targets)  # other numbers at the same address
            assert_equal(_apply(module, scores, targets), expected, f"{what}, with other values in the same tensors")


@register_check("loss", "the losses of training and validation are compared, so they must be the same function")
def same_in_training_and_evaluation(subject: Subject) -> None:
    for description, batch in _repeated(subject):
        module = build_loss(subject, classes=batch.classes)
        expected = _apply(module.eval(), batch.scores, batch.targets)
        for seed in (1, 2):
            value = _apply(module.train(), batch.scores, batch.targets, seed)
            assert_equal(
                value, expected, f"in training mode the loss is not that of evaluation mode, for {description}"
            )
