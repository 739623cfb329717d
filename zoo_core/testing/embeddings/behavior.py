"""Checks of the vectors of embeddings: their shape, what they depend on, padding, and gradients."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from zoo_core.testing.assertions import assert_close, assert_equal, assert_finite
from zoo_core.testing.checks import Subject, register_check, skip
from zoo_core.testing.embeddings.inputs import EMBEDDING_INPUTS, MANY, SOME, Ids, ids_of
from zoo_core.testing.embeddings.modules import build_embedding, vector_size, vectors

STEPS = 3
PADDING = "texts of a batch are padded to the longest, which must not change them"


def _modules(subject: Subject) -> Iterator[tuple[str, Ids, nn.Module]]:
    """Each input with a module for its ids, in both modes."""
    for description, ids in EMBEDDING_INPUTS:
        for mode, is_training in (("in training mode", True), ("in evaluation mode", False)):
            yield f"for {description}, {mode},", ids, build_embedding(subject, ids.width).train(is_training)


@register_check("embedding", "a model makes its layers for vectors of the declared size")
def shape_of_vectors(subject: Subject) -> None:
    for where, ids, module in _modules(subject):
        found = vectors(module, ids.values, where)
        expected = (*ids.values.shape, vector_size(subject, ids.width))
        text = f"{where} the vectors are {found.dtype} {tuple(found.shape)}"
        assert tuple(found.shape) == expected, f"{text}, expected {expected}"
        assert found.dtype == torch.float32, f"{text}, expected torch.float32"
        assert_finite(found, f"{where} a vector")


@register_check("embedding", PADDING)
def padding_gives_zeros(subject: Subject) -> None:
    for where, ids, module in _modules(subject):
        of_padding = vectors(module, ids.values)[ids.values == 0]
        assert not of_padding.any(), f"{where} the vector of padding is not 0, as {float(of_padding.abs().max()):.4g}"


@register_check("embedding", "padding that is learned changes the texts that have it")
def padding_gets_no_gradient(subject: Subject) -> None:
    module, ids = build_embedding(subject, ids_of(SOME).width), ids_of(SOME).values
    if not _trained(module):
        skip("none of its weights are trained")
    factors = torch.linspace(1, 2, vectors(module, ids).numel()).view_as(vectors(module, ids))
    found = vectors(module, ids)
    (found * factors)[ids == 0].sum().backward()
    for name, parameter in _trained(module):
        is_zero = parameter.grad is None or not parameter.grad.to_dense().any()
        assert is_zero, f"{name} gets a gradient from the vectors of padding"
    optimizer = torch.optim.SGD([parameter for _, parameter in _trained(module)], lr=1.0)
    for _ in range(STEPS):
        optimizer.zero_grad()
        (vectors(module, ids) * factors).sum().backward()
        optimizer.step()
    assert not vectors(module, ids)[ids == 0].any(), "after steps of an optimizer the vector of padding is not 0"


def _trained(module: nn.Module) -> list[tuple[str, nn.Parameter]]:
    return [(name, parameter) for name, parameter in module.named_parameters() if parameter.requires_grad]


@register_check("embedding", "a word means the same in every text; a model adds what its place means")
def depends_on_the_id_alone(subject: Subject) -> None:
    for description, ids in EMBEDDING_INPUTS:
        module = build_embedding(subject, ids.width).eval()
        found, flat = vectors(module, ids.values), ids.values.reshape(-1, 1)
        alone = vectors(module, flat).view_as(found)
        assert_close(found, alone, f"for {description} a word has another vector alone than in a text")
        turned = vectors(module, ids.values.flip(1)).flip(1)
        assert_close(turned, found, f"for {description} a word has another vector at another place")


@register_check("embedding", "NaN destroys the weights")
def finite_gradients(subject: Subject) -> None:
    for where, ids, module in _modules(subject):
        if not ids.values.any() or not _trained(module):
            continue
        found = vectors(module, ids.values)
        (found * torch.linspace(1, 2, found.numel()).view_as(found)).sum().backward()
        gradients = [(name, parameter.grad) for name, parameter in _trained(module)]
        for name, gradient in gradients:
            assert gradient is not None, f"{where} {name} has no gradient, so it is never learned"
            assert_finite(gradient.to_dense(), f"{where} the gradient of {name}")
        assert any(gradient is not None and gradient.to_dense().any() for _, gradient in gradients), (
            f"{where} every gradient is 0"
        )


@register_check("embedding", "the caller may use its inputs again")
def does_not_modify_input(subject: Subject) -> None:
    for where, ids, module in _modules(subject):
        before = ids.values.clone()
        vectors(module, ids.values)
        assert_equal(ids.values, before, f"{where} it changes its ids")


@register_check("embedding", "not every vectorizer gives its ids names")
def builds_without_names(subject: Subject) -> None:
    ids = ids_of(MANY)
    try:
        module = build_embedding(subject, ids.width, names=())
        assert_finite(vectors(module, ids.values), "without names, a vector")
    except Exception as error:
        if isinstance(error, AssertionError):
            raise
        raise AssertionError(f"it cannot be built if ids have no names: {type(error).__name__}: {error}") from error


def seeds_differ(first: Tensor, second: Tensor) -> bool:
    """Whether two tensors of random numbers differ; few or equal numbers are no random ones."""
    is_random = first.numel() >= 8 and len(first.unique()) > first.numel() // 2
    return not is_random or not torch.equal(first, second)
