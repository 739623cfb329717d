"""What weightings promise."""

from __future__ import annotations

from typing import cast

import torch
from attrs import evolve
from torch import Tensor

from zoo_core.components.contracts import Weighting
from zoo_core.features.bag import Bag
from zoo_core.seeds import make_generator
from zoo_core.testing.assertions import all_finite
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.inputs import WIDTH, bag

ROWS = 8


def counted() -> tuple[Bag, Tensor]:
    """A training split's counts, one feature in no row and one row empty, and class indices of three classes."""
    made = bag(ROWS)
    counts = torch.randint(1, 6, (len(made.ids),), generator=make_generator(7, "counts")).float()
    return Bag(made.ids, made.offsets, counts, WIDTH + 1), torch.arange(ROWS) % 3


@register_check("weighting", "a feature without a factor has no weight, and infinity spreads through everything")
def one_finite_factor_for_each_feature(subject: Subject) -> None:
    scale = cast(Weighting, subject.part).global_weights(*counted())
    if scale is None:
        skip("it has no scale")
    assert scale.dtype == torch.float32 and scale.shape == (WIDTH + 1,), f"{scale.dtype} {tuple(scale.shape)}"
    all_finite(scale, "the scale")


@register_check("weighting", "a weight of 0 hides a feature that stands in the text")
def finite_weight_for_each_count(subject: Subject) -> None:
    counts = torch.tensor([1.0, 2.0, 3.0, 1000.0])
    weights = cast(Weighting, subject.part).local_weights(counts)
    assert weights.shape == counts.shape
    all_finite(weights, "the weight")
    assert (weights > 0).all() and (weights.diff() >= 0).all(), "more often must not weigh less"
    assert cast(Weighting, subject.part).local_weights(counts[:0]).shape == (0,)


@register_check("weighting", "a text's weights must not depend on which texts come with it")
def each_count_alone(subject: Subject) -> None:
    part, counts = cast(Weighting, subject.part), torch.tensor([5.0, 1.0, 2.0])
    alone = torch.cat([part.local_weights(one.reshape(1)) for one in counts])
    torch.testing.assert_close(part.local_weights(counts), alone)


@register_check("weighting", "a weighting that looks at labels must say so")
def labels_as_declared(subject: Subject) -> None:
    part, (counts, labels) = cast(Weighting, subject.part), counted()
    one, two = part.global_weights(counts, labels), part.global_weights(counts, (labels + 1) % 3)
    three = part.global_weights(counts, (torch.arange(ROWS) // 2) % 3)
    if not part.needs_labels:
        same = one is None or (
            two is not None and three is not None and torch.equal(one, two) and torch.equal(one, three)
        )
        assert same, "other labels gave another scale"
    else:
        assert one is not None and three is not None and not torch.equal(one, three), "labels change nothing"


@register_check(
    "weighting", "a weighting that says so gets a one for each feature of a text, however often it stands there"
)
def counts_as_declared(subject: Subject) -> None:
    part, (counts, labels) = cast(Weighting, subject.part), counted()
    if part.needs_counts:
        skip("it needs counts")
    assert torch.equal(part.local_weights(counts.weights_or_ones()), part.local_weights(torch.ones(len(counts.ids)))), (
        "counts change the weight"
    )
    one, two = part.global_weights(counts, labels), part.global_weights(evolve(counts, weights=None), labels)
    same = one is None or (two is not None and torch.equal(one, two))
    assert same, "counts change the scale"


@register_check("weighting", "the same texts give the same weights")
def deterministic(subject: Subject) -> None:
    part = cast(Weighting, subject.part)
    one, two = part.global_weights(*counted()), part.global_weights(*counted())
    assert (one is None and two is None) or (one is not None and two is not None and torch.equal(one, two))


@register_check("weighting", "what comes in may be needed again")
def changes_no_input(subject: Subject) -> None:
    part, (counts, labels) = cast(Weighting, subject.part), counted()
    kept = [counts.ids.clone(), counts.weights_or_ones().clone(), labels.clone()]
    part.global_weights(counts, labels)
    part.local_weights(counts.weights_or_ones())
    assert all(torch.equal(a, b) for a, b in zip(kept, (counts.ids, counts.weights_or_ones(), labels), strict=True))


@register_check("weighting", "training is told by one class's absence, too")
def one_class_only(subject: Subject) -> None:
    counts, labels = counted()
    scale = cast(Weighting, subject.part).global_weights(counts, torch.zeros_like(labels))
    if scale is None:
        skip("it has no scale")
    all_finite(scale, "the scale")
