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


def divide_by_weights(self, module, *, class_weights, **splits):
    if class_weights is not None:
        module.weight.div_(class_weights)  # of a class without training rows it is 0


def know_no_weights(self, module, *, train, val, head):
    module.weight.mul_(2)


def scale_if_weighted(self, module, *, class_weights, **splits):
    if class_weights is not None:
        module.weight.mul_(len(class_weights))


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
    (FORM, "divides by a class weight of 0", faulty(Linear, finish=divide_by_weights)),
    (FORM, "takes no class weights", faulty(Linear, finish=know_no_weights)),
    (
        "finish-with-equal-class-weights-is-finish-without",
        "is scaled by class weights of 1",
        faulty(Linear, finish=scale_if_weighted),
    ),
    ("finish-is-repeatable", "draws its own numbers", faulty(Linear, finish=shuffle)),
]
