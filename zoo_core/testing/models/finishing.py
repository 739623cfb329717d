"""Checks of what a model changes after the last epoch, by the training and the validation split."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from zoo_core.components.contracts import Model
from zoo_core.components.head import Head
from zoo_core.features.batches import EncodedSplit
from zoo_core.testing.assertions import assert_equal
from zoo_core.testing.checks import Subject, register_check
from zoo_core.testing.failures import while_using
from zoo_core.testing.models.features import Features, many_rows, width_of
from zoo_core.testing.models.modules import OUTPUTS, build_noisy, layouts_of

HEAD = Head.of_classes([f"class {number}" for number in range(OUTPUTS)])


def finish(subject: Subject, module: nn.Module, features: Features, val_rows: int = 0) -> None:
    """Call `finish` of a model as training does; the validation split is the first rows, all by default."""
    targets = torch.arange(len(features)) * 7 % OUTPUTS
    train = EncodedSplit(features, targets)
    rows = torch.arange(val_rows or len(features))
    val = EncodedSplit(features.take(rows), targets[rows])
    with torch.no_grad(), while_using("in finish()"):
        cast(Model, subject.component).finish(module, train=train, val=val, head=HEAD)


def has_finish(subject: Subject) -> bool:
    """Whether a model changes anything after the last epoch."""
    return type(subject.component).finish is not Model.finish  # type: ignore[attr-defined]


@register_check("model", "the run stores the weights that the model has after finish(), and loads them into a new one")
def finish_keeps_the_form_of_the_weights(subject: Subject) -> None:
    for layout, features, val_rows in _cases(subject):
        module = build_noisy(subject, width=width_of(features))
        before = {name: (tensor.shape, tensor.dtype) for name, tensor in module.state_dict().items()}
        finish(subject, module, features, val_rows)
        after = module.state_dict()
        where = f"for {val_rows or len(features)} validation rows ({layout})"
        assert list(after) == list(before), f"finish() changes the names of the weights {where}"
        for name, tensor in after.items():
            form = tuple(tensor.shape), tensor.dtype
            text = (
                f"finish() makes {name} {form[1]} {form[0]}, before it was {before[name][1]} {tuple(before[name][0])}"
            )
            assert form == (tuple(before[name][0]), before[name][1]), f"{text} {where}"
            assert bool(torch.isfinite(tensor).all()), f"finish() makes {name} not finite {where}"


@register_check("model", "the same recipe, data and seed must give the same run")
def finish_is_repeatable(subject: Subject) -> None:
    for layout, features, val_rows in _cases(subject):
        states: list[dict[str, Tensor]] = []
        for _ in range(2):
            module = build_noisy(subject, width=width_of(features))
            finish(subject, module, features, val_rows)
            states.append(dict(module.state_dict()))
        assert_equal(states[1], states[0], f"finish() gives other weights for the same splits ({layout})")


def _cases(subject: Subject) -> list[tuple[str, Features, int]]:
    """A layout, features, and the number of validation rows, 0 for all; none if the model has no `finish`."""
    if not has_finish(subject):
        return []
    return [(layout, many_rows(layout), rows) for layout in layouts_of(subject) for rows in (0, 1)]
