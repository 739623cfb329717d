"""The check of weightings with the labels of multi-label targets."""

from __future__ import annotations

from typing import cast

import torch
from torch.nn import functional

from zoo_core.components.contracts import Weighting
from zoo_core.testing.assertions import assert_finite
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.weightings.counts import COUNTS


@register_check("weighting", "with several labels a text, a weighting that supports them gets a matrix of labels")
def weighs_label_sets(subject: Subject) -> None:
    weighting = cast(Weighting, subject.component)
    if "multi-label" not in weighting.targets:
        skip("it does not support multi-label targets")
    if not weighting.needs_labels:
        skip("it uses no labels")
    for description, (counts, classes) in COUNTS:
        one_label = functional.one_hot(classes, int(classes.max()) + 1).float()
        no_label = torch.zeros_like(one_label)
        for what, labels in (("one label each", one_label), ("no label", no_label), ("all labels", no_label + 1)):
            weights = weighting.global_weights(counts, labels.clone())
            where = f"the global weights of {description} with {what}"
            if weights is None:
                continue
            assert weights.shape == (counts.width,), f"{where} have the shape {tuple(weights.shape)}"
            assert weights.dtype == torch.float32, f"{where} are {weights.dtype}, expected torch.float32"
            assert_finite(weights, where)
