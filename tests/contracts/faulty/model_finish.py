"""Models with a fault in what they do after the last epoch."""

from __future__ import annotations

import torch

from tests.contracts.faulty import faulty
from zoo_ngrams.models import Linear


def add_class(self, module, **splits):
    module.register_buffer("prior", torch.ones(3))


def drop_rows(self, module, **splits):
    module.weight = torch.nn.Parameter(module.weight[1:])


def scale_by_spread(self, module, *, val, **others):
    module.weight.div_(val.targets.float().std())  # of one row there is none


def shuffle(self, module, **splits):
    noise = torch.Generator()
    noise.seed()
    module.weight.add_(torch.rand(module.weight.shape, generator=noise))


FORM = "finish-keeps-the-form-of-the-weights"
SOUND = []
FAULTS = [
    (FORM, "adds a buffer", faulty(Linear, finish=add_class)),
    (FORM, "drops a feature", faulty(Linear, finish=drop_rows)),
    (FORM, "divides by the spread of one row", faulty(Linear, finish=scale_by_spread)),
    ("finish-is-repeatable", "draws its own numbers", faulty(Linear, finish=shuffle)),
]
