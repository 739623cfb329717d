"""The checks of models that change after the last epoch, with multi-label targets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import torch
from torch import Tensor

from zoo_core.components.contracts import Model
from zoo_core.components.head import Head
from zoo_core.features.batches import EncodedSplit
from zoo_core.seeds import make_generator
from zoo_core.testing.assertions import assert_close
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.failures import while_using
from zoo_core.testing.models.features import many_rows, width_of
from zoo_core.testing.models.finishing import has_finish
from zoo_core.testing.models.modules import OUTPUTS, build_noisy, layouts_of

NAMES = tuple(f"label {number}" for number in range(OUTPUTS))
HEAD = Head(NAMES, OUTPUTS, "sigmoid", "multi-label")
WEIGHTS = tuple(10.0 ** (number - 1) for number in range(OUTPUTS))


@register_check("model", "with several labels a text, finish() gets a matrix of labels")
def finishes_with_label_sets(subject: Subject) -> None:
    for split in _splits(subject):
        shapes = {
            name: tensor.shape
            for name, tensor in build_noisy(subject, width=width_of(split.features)).state_dict().items()
        }
        for weights in (None, torch.tensor(WEIGHTS)):
            for name, tensor in _finished(subject, split, weights).items():
                assert tensor.shape == shapes[name], f"finish() changes the shape of {name} with a matrix of labels"
                is_finite = not tensor.is_floating_point() or bool(torch.isfinite(tensor).all())
                assert is_finite, f"finish() makes {name} not finite with a matrix of labels"


@register_check("model", "positive weights of 1 mean that all rows count alike, as without positive weights")
def finish_with_equal_positive_weights_is_finish_without(subject: Subject) -> None:
    for split in _splits(subject):
        text = "finish() gives other weights with positive_weights of 1 than without"
        weighted = _finished(subject, split, torch.ones(OUTPUTS))
        assert_close(weighted, _finished(subject, split, None), text, rtol=1e-3, atol=1e-5)


def _splits(subject: Subject) -> Iterator[EncodedSplit]:
    """Splits of each layout, whose labels some rows have, none, or all."""
    if not has_finish(subject):
        skip("it has no finish()")
    if "multi-label" not in cast(Model, subject.component).targets:
        skip("it does not support multi-label targets")
    for layout in layouts_of(subject):
        features = many_rows(layout)
        for share in (0.3, 0.0, 1.1):
            draw = torch.rand(len(features), OUTPUTS, generator=make_generator(7, "label sets"))
            yield EncodedSplit(features, (draw < share).float())


def _finished(subject: Subject, split: EncodedSplit, weights: Tensor | None) -> dict[str, Tensor]:
    """The weights after `finish`, with these positive weights."""
    module, model = build_noisy(subject, width=width_of(split.features)), cast(Model, subject.component)
    given = {"class_weights": None, "positive_weights": weights}
    with torch.no_grad(), while_using("in finish()"):
        model.finish(module, train=split, val=split, head=HEAD, **given)
    return dict(module.state_dict())
