"""Checks of the part of a model that turns token ids into vectors."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from zoo_core.components.contracts import Model
from zoo_core.features.layouts import Sequence
from zoo_core.testing.checks import Subject, register_check, skip
from zoo_core.testing.models.features import all_features, width_of
from zoo_core.testing.models.modules import build_noisy, layouts_of


@register_check("model", "explanations scale the vectors of the tokens of a batch")
def embedding_layer_has_every_token(subject: Subject) -> None:
    if "sequence" not in layouts_of(subject):
        skip("it does not accept sequences")
    for where, features in all_features(["sequence"]):
        module = build_noisy(subject, width=width_of(features)).eval()
        layer = cast(Model, subject.component).embedding_layer(module)
        if layer is None:
            skip("it has no embedding layer")
        _require_vectors(module, layer, cast(Sequence, features), where)


def _require_vectors(module: nn.Module, layer: nn.Module, features: Sequence, where: str) -> None:
    """Fail unless the layer is called once, with the ids of each row from its first token on."""
    calls: list[tuple[Tensor, Tensor]] = []
    handle = layer.register_forward_hook(lambda _, arguments, vectors: calls.append((arguments[0], vectors)))
    with torch.no_grad():
        module(features)
    handle.remove()
    assert len(calls) == 1, f"for {where}, forward() calls embedding_layer() {len(calls)} times instead of once"
    ids, vectors = calls[0]
    expected = features.padded()[0]
    is_matrix = ids.ndim == 2 and len(ids) == len(expected) and ids.shape[1] >= expected.shape[1]
    assert is_matrix and torch.equal(ids[:, : expected.shape[1]], expected), (
        f"for {where}, embedding_layer() does not get the ids of the batch, padded with 0"
    )
    assert vectors.ndim == 3 and vectors.shape[:2] == ids.shape, (
        f"for {where}, embedding_layer() gives {tuple(vectors.shape)} for ids of {tuple(ids.shape)}"
    )
