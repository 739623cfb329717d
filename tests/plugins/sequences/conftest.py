"""Modules of the models of sequences, and texts for them."""

from __future__ import annotations

import pytest
import torch

from zoo_core import call_build, load_component
from zoo_core.features.layouts import Sequence

WIDTH, OUTPUTS = 20, 3


@pytest.fixture
def build(zoo):
    """`build(name, **settings)`: the module of a model for 20 ids and 3 outputs, in evaluation mode."""

    def make(name, **settings):
        torch.manual_seed(1)
        model = load_component("model", name, zoo=zoo, **settings)
        names = ["<PAD>", "<UNK>", *(f"word{number}" for number in range(2, WIDTH))]
        return call_build(model, num_features=WIDTH, num_outputs=OUTPUTS, feature_names=names).eval()

    return make


def texts(*lengths):
    """Texts of these lengths, without id 0."""
    generator = torch.Generator().manual_seed(2)
    ids = torch.randint(1, WIDTH, (sum(lengths),), generator=generator, dtype=torch.int32)
    return Sequence(ids, torch.tensor([0, *lengths]).cumsum(0), WIDTH)


def embedded(module, features):
    """The vectors of texts of one length `(batch, length, dimensions)`."""
    return module.embedding(features.ids.long().view(len(features), -1))
