"""The device "meta": modules are built there without memory, and without torch's compiler."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from zoo_core.components.building.meta_device import meta_device

MODULES = {
    "embedding": lambda: nn.Embedding(5, 3, padding_idx=0),
    "bag": lambda: nn.EmbeddingBag(5, 3),
    "linear": lambda: nn.Linear(5, 3),
    "parameter": lambda: nn.ParameterList([nn.Parameter(torch.empty(4).normal_(0, 2))]),
}


@pytest.mark.parametrize("make", MODULES.values(), ids=MODULES)
def test_a_module_has_the_shapes_that_it_has_elsewhere(make):
    with meta_device():
        module = make()
    shapes = {name: (tensor.shape, tensor.dtype) for name, tensor in module.state_dict().items()}
    assert shapes == {name: (tensor.shape, tensor.dtype) for name, tensor in make().state_dict().items()}
    assert all(tensor.is_meta for tensor in module.state_dict().values())


def test_tensors_of_another_device_get_their_values():
    with meta_device():
        values = torch.zeros(100, device="cpu").normal_()
        nn.init.normal_(values[:50], mean=7.0)
    assert values.count_nonzero() == 100 and float(values[:50].mean()) > 4
