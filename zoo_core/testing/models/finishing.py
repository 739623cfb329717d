"""Checks of what a model changes after the last epoch, by the training and the validation split."""

from __future__ import annotations

import itertools
from typing import cast

import torch
from attrs import evolve, frozen
from torch import Tensor, nn

from zoo_core.components.contracts import Model
from zoo_core.components.head import Head
from zoo_core.features.batches import EncodedSplit
from zoo_core.testing.assertions import assert_close, assert_equal
from zoo_core.testing.checks import Subject, register_check
from zoo_core.testing.failures import while_using
from zoo_core.testing.models.features import Features, many_rows, width_of
from zoo_core.testing.models.modules import OUTPUTS, build_noisy, layouts_of

HEAD = Head.of_classes([f"class {number}" for number in range(OUTPUTS)])
WEIGHTS = tuple(float(number) for number in range(OUTPUTS))  # of a class without training rows it may be 0


def finish(
    subject: Subject,
    module: nn.Module,
    features: Features,
    val_rows: int = 0,
    class_weights: tuple[float, ...] | None = None,
) -> None:
    """Call `finish` of a model as training does; the validation split is the first rows, all by default."""
    targets = torch.arange(len(features)) * 7 % OUTPUTS
    train = EncodedSplit(features, targets)
    rows = torch.arange(val_rows or len(features))
    val = EncodedSplit(features.take(rows), targets[rows])
    with torch.no_grad(), while_using("in finish()"):
        weights = None if class_weights is None else torch.tensor(class_weights)
        cast(Model, subject.component).finish(
            module, train=train, val=val, head=HEAD, class_weights=weights, positive_weights=None
        )


def has_finish(subject: Subject) -> bool:
    """Whether a model changes anything after the last epoch."""
    return type(subject.component).finish is not Model.finish  # type: ignore[attr-defined]


@register_check("model", "the run stores the weights that the model has after finish(), and loads them into a new one")
def finish_keeps_the_form_of_the_weights(subject: Subject) -> None:
    for case in _cases(subject):
        module = build_noisy(subject, width=width_of(case.features))
        before = {name: (tuple(tensor.shape), tensor.dtype) for name, tensor in module.state_dict().items()}
        case.finish(subject, module)
        after = module.state_dict()
        assert list(after) == list(before), f"finish() changes the names of the weights {case}"
        for name, tensor in after.items():
            shape, dtype = before[name]
            text = f"finish() makes {name} {tensor.dtype} {tuple(tensor.shape)}, before it was {dtype} {shape}"
            assert (tuple(tensor.shape), tensor.dtype) == (shape, dtype), f"{text} {case}"
            assert bool(torch.isfinite(tensor).all()), f"finish() makes {name} not finite {case}"


@register_check("model", "the same recipe, data and seed must give the same run")
def finish_is_repeatable(subject: Subject) -> None:
    for case in _cases(subject):
        states = [_finished(subject, case) for _ in range(2)]
        assert_equal(states[1], states[0], f"finish() gives other weights for the same splits {case}")


@register_check("model", "class weights of 1 mean that all rows count alike, as without class weights")
def finish_with_equal_class_weights_is_finish_without(subject: Subject) -> None:
    for case in _cases(subject):
        if case.class_weights is None:
            weighted = _finished(subject, evolve(case, class_weights=(1.0,) * OUTPUTS))
            text = f"finish() gives other weights with class_weights of 1 than without {case}"
            assert_close(weighted, _finished(subject, case), text, rtol=1e-3, atol=1e-5)


@frozen
class _Case:
    """Splits and class weights for `finish`; 0 validation rows are all rows."""

    layout: str
    features: Features
    val_rows: int
    class_weights: tuple[float, ...] | None

    def __str__(self) -> str:
        weights = "" if self.class_weights is None else " with class weights"
        return f"for {self.val_rows or len(self.features)} validation rows{weights} ({self.layout})"

    def finish(self, subject: Subject, module: nn.Module) -> None:
        finish(subject, module, self.features, self.val_rows, self.class_weights)


def _finished(subject: Subject, case: _Case) -> dict[str, Tensor]:
    module = build_noisy(subject, width=width_of(case.features))
    case.finish(subject, module)
    return dict(module.state_dict())


def _cases(subject: Subject) -> list[_Case]:
    """None if the model has no `finish`. The single validation row is of a class with the weight 0."""
    if not has_finish(subject):
        return []
    settings = itertools.product(layouts_of(subject), (0, 1), (None, WEIGHTS))
    return [_Case(layout, many_rows(layout), rows, weights) for layout, rows, weights in settings]
