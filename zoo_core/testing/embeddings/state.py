"""Checks of what an embedding keeps: its state, which a run restores without the data from outside, and its seed."""

from __future__ import annotations

import torch
from torch import nn

from zoo_core.components.building.meta_device import meta_device
from zoo_core.errors import ZooError
from zoo_core.testing.assertions import assert_equal, assert_made_in_build, reload_state
from zoo_core.testing.checks import Subject, register_check
from zoo_core.testing.embeddings.behavior import seeds_differ
from zoo_core.testing.embeddings.inputs import MANY, SOME, ids_of
from zoo_core.testing.embeddings.modules import build_embedding, has_start, start, vectors


@register_check("embedding", "the same seed must give the same numbers")
def deterministic(subject: Subject) -> None:
    ids = ids_of(MANY)
    first, second = (vectors(build_embedding(subject, ids.width), ids.values).detach() for _ in range(2))
    assert_equal(second, first, "built twice with the same seed, it gives other vectors")


@register_check("embedding", "repeated runs with other seeds measure the variation of a model")
def weights_follow_the_seed(subject: Subject) -> None:
    first, second = (
        dict(build_embedding(subject, ids_of(MANY).width, seed=seed).named_parameters()) for seed in (7, 8)
    )
    for name, parameter in first.items():
        text = f"{name} starts with the same random numbers for every seed: draw them from torch's generator"
        assert not parameter.requires_grad or seeds_differ(parameter.detach(), second[name].detach()), text


@register_check("embedding", "a run is opened without the data from outside: its weights must say everything")
def state_round_trip(subject: Subject) -> None:
    ids = ids_of(MANY)
    module = build_embedding(subject, ids.width)
    _start(subject, module, ids.width)
    with torch.no_grad():
        for _, parameter in module.named_parameters():
            parameter.mul_(1.5)
    state = reload_state(module)
    restored = build_embedding(subject, ids.width, seed=8)
    assert_made_in_build(set(restored.state_dict()), set(state))
    restored.load_state_dict(state)
    found = vectors(restored.eval(), ids.values)
    expected = vectors(module.eval(), ids.values)
    assert_equal(found.detach(), expected.detach(), "it gives other vectors after its state was stored and loaded")


@register_check("embedding", "a run is first opened on the meta device, to check its weights")
def builds_on_meta_device(subject: Subject) -> None:
    width = ids_of(SOME).width
    with meta_device():
        module = build_embedding(subject, width)
    shapes, expected = (
        {name: tuple(tensor.shape) for name, tensor in built.state_dict().items()}
        for built in (module, build_embedding(subject, width))
    )
    assert_equal(shapes, expected, "built on the meta device, it has a state of another shape")


def _start(subject: Subject, module: nn.Module, width: int) -> None:
    """Start an embedding, if it has the data for it."""
    if has_start(subject):
        try:
            start(subject, module, width)
        except ZooError:
            return
