"""Models with a fault in what they do before the first epoch."""

from __future__ import annotations

import torch

from tests.contracts.faulty import faulty
from zoo_ngrams.models import Linear


def reporting(report):
    return faulty(Linear, start=lambda self, module, *, train, feature_names: report)


def add_bias(self, module, **others):
    module.register_buffer("prior", torch.ones(3))
    return {}


def overflow(self, module, **others):
    module.weight.fill_(torch.nan)
    return {}


def shuffle(self, module, **others):
    noise = torch.Generator()
    noise.seed()
    module.weight.copy_(torch.rand(module.weight.shape, generator=noise))
    return {}


FORM = "start-keeps-the-form-of-the-weights"
SOUND = [reporting({"file": "vectors.txt", "words": 12, "share": 0.5})]
FAULTS = [
    (FORM, "adds a buffer", faulty(Linear, start=add_bias)),
    (FORM, "makes weights NaN", faulty(Linear, start=overflow)),
    (FORM, "reports a list", reporting({"words": ["good"]})),
    (FORM, "reports an infinite number", reporting({"share": float("inf")})),
    (FORM, "reports nothing at all", reporting(None)),
    ("start-is-repeatable", "draws its own numbers", faulty(Linear, start=shuffle)),
]
