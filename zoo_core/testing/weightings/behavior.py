"""Checks of weightings."""

from __future__ import annotations

from typing import cast

import torch
from attrs import evolve
from torch import Tensor

from zoo_core.components.contracts import Weighting
from zoo_core.features.bag import Bag
from zoo_core.seeds import make_generator
from zoo_core.testing.assertions import assert_close, assert_equal, assert_finite
from zoo_core.testing.cases import Subject, register_check, skip
from zoo_core.testing.inputs import WIDTH, make_bag

ROWS = 8


def make_counts() -> tuple[Bag, Tensor]:
    """Return counts, with one feature in no row and one empty row, and class indices of three classes."""
    bag = make_bag(ROWS)
    counts = torch.randint(1, 6, (len(bag.ids),), generator=make_generator(7, "counts")).float()
    return Bag(bag.ids, bag.offsets, counts, WIDTH + 1), torch.arange(ROWS) % 3


def is_same(first: Tensor | None, second: Tensor | None) -> bool:
    """Return whether two global weights are equal, or both None."""
    if first is None or second is None:
        return first is second
    return torch.equal(first, second)


@register_check("weighting", "every feature needs a finite global weight")
def finite_global_weights(subject: Subject) -> None:
    weights = cast(Weighting, subject.component).global_weights(*make_counts())
    if weights is None:
        skip("it has no global weights")
    assert weights.dtype == torch.float32 and weights.shape == (WIDTH + 1,), f"{weights.dtype} {tuple(weights.shape)}"
    assert_finite(weights, "the global weight")


@register_check("weighting", "a local weight of 0 would hide a feature that appears in the text")
def positive_local_weights(subject: Subject) -> None:
    weighting, counts = cast(Weighting, subject.component), torch.tensor([1.0, 2.0, 3.0, 1000.0])
    weights = weighting.local_weights(counts)
    assert weights.shape == counts.shape, f"{len(counts)} counts have local weights of shape {tuple(weights.shape)}"
    assert_finite(weights, "the local weight")
    assert (weights > 0).all() and (weights.diff() >= 0).all(), "a higher count must not weigh less"
    shape = tuple(weighting.local_weights(counts[:0]).shape)
    assert shape == (0,), f"no counts have local weights of shape {shape}"


@register_check("weighting", "the weights of a text must not depend on other texts of the batch")
def local_weights_are_elementwise(subject: Subject) -> None:
    weighting, counts = cast(Weighting, subject.component), torch.tensor([5.0, 1.0, 2.0])
    separate = torch.cat([weighting.local_weights(count.reshape(1)) for count in counts])
    assert_close(weighting.local_weights(counts), separate, "the local weight of a count depends on the other counts")


@register_check("weighting", "a weighting that uses labels must declare it")
def labels_as_declared(subject: Subject) -> None:
    weighting, (counts, labels) = cast(Weighting, subject.component), make_counts()
    weights = weighting.global_weights(counts, labels)
    of_shifted_labels = weighting.global_weights(counts, (labels + 1) % 3)
    of_paired_labels = weighting.global_weights(counts, (torch.arange(ROWS) // 2) % 3)
    if weighting.needs_labels:
        assert weights is not None and not is_same(weights, of_paired_labels), "labels do not change global weights"
    else:
        ignores_labels = is_same(weights, of_shifted_labels) and is_same(weights, of_paired_labels)
        assert ignores_labels, "other labels give other global weights"


@register_check("weighting", "a weighting that declares that it needs no counts gets ones instead")
def counts_as_declared(subject: Subject) -> None:
    weighting, (counts, labels) = cast(Weighting, subject.component), make_counts()
    if weighting.needs_counts:
        skip("it needs counts")
    of_counts = weighting.local_weights(counts.weights_or_ones())
    of_ones = weighting.local_weights(torch.ones(len(counts.ids)))
    assert torch.equal(of_counts, of_ones), "counts change local weights"
    without_counts = weighting.global_weights(evolve(counts, weights=None), labels)
    assert is_same(weighting.global_weights(counts, labels), without_counts), "counts change global weights"


@register_check("weighting", "the same texts must give the same weights")
def deterministic(subject: Subject) -> None:
    weighting = cast(Weighting, subject.component)
    first, second = weighting.global_weights(*make_counts()), weighting.global_weights(*make_counts())
    assert_equal(second, first, "the same counts have other global weights when they are computed again")


@register_check("weighting", "the caller may use its inputs again")
def does_not_modify_input(subject: Subject) -> None:
    weighting, (counts, labels) = cast(Weighting, subject.component), make_counts()
    originals = [counts.ids.clone(), counts.weights_or_ones().clone(), labels.clone()]
    weighting.global_weights(counts, labels)
    weighting.local_weights(counts.weights_or_ones())
    inputs = (counts.ids, counts.weights_or_ones(), labels)
    for name, original, tensor in zip(("ids", "counts", "labels"), originals, inputs, strict=True):
        assert_equal(tensor, original, f"it changes its input: the {name}")


@register_check("weighting", "a class may be missing from the training data")
def one_class_only(subject: Subject) -> None:
    counts, labels = make_counts()
    weights = cast(Weighting, subject.component).global_weights(counts, torch.zeros_like(labels))
    if weights is None:
        skip("it has no global weights")
    assert_finite(weights, "the global weight")
