"""Faulty embeddings."""

from __future__ import annotations

import torch
from torch import nn

from tests.contracts.faulty import faulty, function
from zoo_sequences.embeddings import Hashed, Learned, OneHot
from zoo_sequences.modules.embeddings import random_table


def building(make, base=Learned, **members):
    return faulty(base, build=lambda self, *, num_features: make(num_features), **members)


def calling(call, **attributes):
    """An embedding whose module computes `call(table, ids)`."""
    return building(lambda count: function(lambda module, ids: call(module.table, ids), table=random_table(count, 100)))


def starting(start, base=Learned):
    return faulty(base, start=start)


def by_name(self, *, num_features, feature_names):
    return random_table(num_features, len(feature_names[1]) and 100)


def write_ids(table, ids):
    vectors = table(ids)
    ids.clamp_(max=1)
    return vectors


def by_device(count):
    is_meta = torch.empty(0).is_meta
    return random_table(count + is_meta, 100)


def fixed_numbers(count):
    table = random_table(count, 100)
    table.weight.data.copy_(torch.randn(count, 100, generator=torch.Generator().manual_seed(1)))
    return table


def unseeded(count):
    generator = torch.Generator()
    generator.seed()
    table = random_table(count, 100)
    table.weight.data[1:] = torch.randn(count - 1, 100, generator=generator)
    return table


class Unsaved(nn.Module):
    """Vectors times numbers that the state lacks."""

    def __init__(self, count):
        super().__init__()
        self.table, self.factors = random_table(count, 100), torch.rand(100)

    def forward(self, ids):
        return self.table(ids) * self.factors


def grow(self, module, **others):
    module.weight = nn.Parameter(torch.cat([module.weight, module.weight[:1]]))
    return {}


def shuffled(self, module, **others):
    module.weight[1:] += torch.rand(1, generator=(noise := torch.Generator()).manual_seed(noise.seed() % 2**31))
    return {}


def fill(self, module, **others):
    module.weight.fill_(1)
    return {}


def overflow(self, module, **others):
    module.weight[1:].fill_(torch.inf)
    return {}


FORM = "start-keeps-the-form-of-the-weights"
SOUND = [
    faulty(Learned, start=lambda self, module, **others: {"words": 3, "share": 0.5, "file": "vectors.txt"}),
    faulty(Hashed, start=lambda self, module, **others: {}),
    faulty(OneHot),
]
FAULTS = [
    ("shape-of-vectors", "another size than declared", faulty(Learned, vector_size=lambda self, count: 7)),
    ("shape-of-vectors", "length first", calling(lambda table, ids: table(ids.T))),
    ("shape-of-vectors", "float64", calling(lambda table, ids: table(ids).double())),
    ("padding-gives-zeros", "padding like a word", building(lambda count: nn.Embedding(count, 100))),
    (
        "padding-gets-no-gradient",
        "padding that is learned",
        building(lambda count: nn.Embedding.from_pretrained(torch.zeros(count, 100), freeze=False)),
    ),
    (
        "depends-on-the-id-alone",
        "centers the vectors of a text",
        calling(lambda table, ids: (table(ids) - table(ids).mean(1, True)) * (ids > 0)[..., None]),
    ),
    (
        "depends-on-the-id-alone",
        "adds the place",
        calling(lambda table, ids: table(ids) + ((ids > 0) * torch.arange(ids.shape[1]))[..., None]),
    ),
    (
        "finite-gradients",
        "the root of 0",
        calling(lambda table, ids: (table(ids) * 0).sqrt() * (ids > 0)[..., None]),
    ),
    ("finite-gradients", "detached", calling(lambda table, ids: table(ids) * 0)),
    ("does-not-modify-input", "writes into its ids", calling(write_ids)),
    ("builds-without-names", "the length of the first name", faulty(Learned, build=by_name)),
    ("deterministic", "draws from its own generator", building(unseeded)),
    ("weights-follow-the-seed", "the same numbers for every seed", building(fixed_numbers)),
    ("state-round-trip", "numbers outside of the state", building(Unsaved)),
    ("builds-on-meta-device", "as many vectors as it can see", building(by_device)),
    (FORM, "adds a vector", starting(grow)),
    (FORM, "infinite vectors", starting(overflow)),
    (FORM, "reports a tensor", starting(lambda self, module, **others: {"words": torch.ones(1)})),
    (FORM, "reports NaN", starting(lambda self, module, **others: {"share": float("nan")})),
    (FORM, "reports nothing at all", starting(lambda self, module, **others: None)),
    ("start-is-repeatable", "other vectors each time", starting(shuffled)),
    ("padding-is-zero-after-start", "a vector for padding", starting(fill)),
]
