"""Checks of weightings."""

from __future__ import annotations

import math
from typing import cast

import torch
from attrs import evolve
from torch import Tensor

from zoo_core.components.contracts import Weighting
from zoo_core.features.bag import Bag
from zoo_core.messages import pluralize
from zoo_core.testing.assertions import assert_close, assert_equal, assert_finite
from zoo_core.testing.checks import Subject, register_check, skip
from zoo_core.testing.weightings.counts import COUNTS, make_counts, make_rising_counts

ROWS = 8
LARGE_ENOUGH = 64  # rows with a feature, from which one more changes little
MAX_STEP = 0.25  # of the range of weights, that one more row may change
LARGE_COUNTS = (1.0, 2, 3, 127, 128, 255, 256, 257, 1000, 32_767, 32_768, 65_535, 65_536, 1e6, 2.0**24)


def is_same(first: Tensor | None, second: Tensor | None) -> bool:
    """Return whether two global weights are equal, or both None."""
    if first is None or second is None:
        return first is second
    return torch.equal(first, second)


@register_check("weighting", "every feature needs a finite global weight")
def finite_global_weights(subject: Subject) -> None:
    weighting = cast(Weighting, subject.component)
    for description, (counts, labels) in COUNTS:
        weights = weighting.global_weights(counts, labels)
        if weights is None:
            skip("it has no global weights")
        shape, expected = tuple(weights.shape), (counts.width,)
        assert shape == expected, f"for {description}, global weights of the shape {shape}, expected {expected}"
        assert weights.dtype == torch.float32, f"global weights are {weights.dtype}, expected torch.float32"
        at = int(torch.isfinite(weights).logical_not().int().argmax())
        is_finite = bool(torch.isfinite(weights[at])) if len(weights) else True
        assert is_finite, f"for {description}, the global weight of {_describe(counts, at)} is {float(weights[at])}"


def _describe(counts: Bag, feature: int) -> str:
    """A feature by the number of texts that have it."""
    rows = len(counts.row_ids()[counts.ids == feature].unique())
    return f"a feature in {rows} of {pluralize(len(counts), 'text')}"


@register_check("weighting", "a local weight of 0 would hide a feature that appears in the text")
def positive_local_weights(subject: Subject) -> None:
    weighting, counts = cast(Weighting, subject.component), torch.tensor(LARGE_COUNTS)
    weights = weighting.local_weights(counts)
    assert weights.shape == counts.shape, f"{len(counts)} counts have local weights of shape {tuple(weights.shape)}"
    assert weights.dtype == torch.float32, f"local weights are {weights.dtype}, expected torch.float32"
    for at, (count, weight) in enumerate(zip(LARGE_COUNTS, weights.tolist(), strict=True)):
        is_valid = math.isfinite(weight) and weight > 0
        assert is_valid, f"the local weight of the count {count:,.0f} is {weight}, expected a finite number above 0"
        least = float(weights[max(at - 1, 0)])
        assert weight >= least, (
            f"a count of {count:,.0f} weighs {weight}, and one of {LARGE_COUNTS[at - 1]:,.0f} {least}"
        )
    shape = tuple(weighting.local_weights(counts[:0]).shape)
    assert shape == (0,), f"no counts have local weights of shape {shape}"


@register_check("weighting", "the weights of a text must not depend on other texts of the batch")
def local_weights_are_elementwise(subject: Subject) -> None:
    weighting, counts = cast(Weighting, subject.component), torch.tensor(LARGE_COUNTS)
    separate = torch.cat([weighting.local_weights(count.reshape(1)) for count in counts])
    for times in (1, 40):
        many = weighting.local_weights(counts.repeat(times))
        what = f"among {len(counts) * times} counts, a count has another local weight than alone"
        assert_close(many, separate.repeat(times), what)


@register_check("weighting", "the order of the rows of a file says nothing about their features")
def row_order_does_not_matter(subject: Subject) -> None:
    weighting = cast(Weighting, subject.component)
    for description in ("12 rows of two classes", "512 rows of two classes"):
        counts, labels = COUNTS.makers[description]()
        rows = torch.arange(len(labels)).flip(0)
        found, expected = (
            weighting.global_weights(counts.take(rows), labels[rows]),
            weighting.global_weights(counts, labels),
        )
        what = f"for {description}, the rows in reverse order give other global weights"
        assert_close(found, expected, what, rtol=1e-4, atol=1e-6)


@register_check("weighting", "the number of a feature is only its place")
def features_are_interchangeable(subject: Subject) -> None:
    weighting, (counts, labels) = cast(Weighting, subject.component), COUNTS.makers["12 rows of two classes"]()
    expected = weighting.global_weights(counts, labels)
    if expected is None:
        skip("it has no global weights")
    renumbered = evolve(counts, ids=counts.width - 1 - counts.ids)
    found = weighting.global_weights(renumbered, labels)
    assert found is not None, "it has global weights for some counts, and None for the same with other ids"
    what = "features in reverse order have other global weights: a weight is not that of its feature"
    assert_close(found.flip(0), expected, what, rtol=1e-4, atol=1e-6)


@register_check("weighting", "a number of rows must not overflow")
def counts_rows_without_overflow(subject: Subject) -> None:
    counts, labels, times = make_rising_counts()
    weights = cast(Weighting, subject.component).global_weights(counts, labels)
    if weights is None:
        skip("it has no global weights")
    scale = float(weights.max() - weights.min())
    for feature in range(1, len(times)):
        step = abs(float(weights[feature] - weights[feature - 1]))
        is_small = times[feature] - times[feature - 1] > 2 or times[feature] < LARGE_ENOUGH or step <= MAX_STEP * scale
        before, after = float(weights[feature - 1]), float(weights[feature])
        assert is_small, (
            f"of 512 rows, a feature in {times[feature - 1]} weighs {before:g}, and one in {times[feature]} {after:g}: "
            "does a number overflow?"
        )


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
    weighting, (few, _) = cast(Weighting, subject.component), make_counts()
    for description, labels in (
        ("class 0", torch.zeros(8)),
        ("class 3", torch.full((8,), 3)),
        ("classes 0 and 5", torch.arange(8) % 2 * 5),
    ):
        try:
            weights = weighting.global_weights(few, labels.long())
        except Exception as error:
            what = f"for texts of {description} alone, it raises {type(error).__name__}: {error}"
            raise AssertionError(what) from error
        if weights is None:
            skip("it has no global weights")
        assert_finite(weights, f"for texts of {description} alone, a global weight")
