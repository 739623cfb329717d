"""The check of models that change after the last epoch, with multi-label targets."""

from __future__ import annotations

from typing import cast

import torch

from zoo_core.components.contracts import Model
from zoo_core.components.head import Head
from zoo_core.features.batches import EncodedSplit
from zoo_core.seeds import make_generator
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.failures import while_using
from zoo_core.testing.models.features import many_rows, width_of
from zoo_core.testing.models.finishing import has_finish
from zoo_core.testing.models.modules import OUTPUTS, build_noisy, layouts_of

NAMES = tuple(f"label {number}" for number in range(OUTPUTS))
HEAD = Head(NAMES, OUTPUTS, "sigmoid", "multi-label")


@register_check("model", "with several labels a text, finish() gets a matrix of labels")
def finishes_with_label_sets(subject: Subject) -> None:
    if not has_finish(subject):
        skip("it has no finish()")
    if "multi-label" not in cast(Model, subject.component).targets:
        skip("it does not support multi-label targets")
    for layout in layouts_of(subject):
        features = many_rows(layout)
        for share in (0.3, 0.0, 1.1):
            draw = torch.rand(len(features), OUTPUTS, generator=make_generator(7, "label sets"))
            split = EncodedSplit(features, (draw < share).float())
            module = build_noisy(subject, width=width_of(features))
            before = {name: tensor.shape for name, tensor in module.state_dict().items()}
            with torch.no_grad(), while_using("in finish()"):
                cast(Model, subject.component).finish(module, train=split, val=split, head=HEAD, class_weights=None)
            for name, tensor in module.state_dict().items():
                assert tensor.shape == before[name], f"finish() changes the shape of {name} with a matrix of labels"
                is_finite = not tensor.is_floating_point() or bool(torch.isfinite(tensor).all())
                assert is_finite, f"finish() makes {name} not finite with a matrix of labels"
