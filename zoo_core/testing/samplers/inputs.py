"""The classes of training rows, to be ordered."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor

from zoo_core.components.contracts import Sampler
from zoo_core.seeds import make_generator
from zoo_core.testing.cases import Subject
from zoo_core.testing.input_sets import InputSet

INPUTS = InputSet(
    "classes of training rows",
    1,
    {
        "60 rows of 2 classes": lambda: torch.arange(60) % 2,
        "512 rows of 6 classes of very different sizes": lambda: (torch.arange(512) % 37).clamp(max=5),
        "257 rows, sorted by class": lambda: (torch.arange(257) % 3).sort().values,
        "100 rows, one of them alone in its class": lambda: (torch.arange(100) == 99).long(),
        "60 rows without the class 1": lambda: torch.arange(60) % 2 * 2,
        "60 rows without the class 0": lambda: torch.arange(60) % 2 + 1,
        "40 rows of one class": lambda: torch.zeros(40, dtype=torch.int64),
        "2 rows": lambda: torch.tensor([1, 0]),
        "1 row": lambda: torch.tensor([0]),
    },
)


def sampler_of(subject: Subject) -> Sampler:
    """The sampler that is checked."""
    return cast(Sampler, subject.component)


def order_of(sampler: Sampler, classes: Tensor, epoch: int, seed: int = 7) -> Tensor:
    """The order of an epoch, with the generator that training makes for it."""
    return sampler.order(classes, epoch=epoch, generator=make_generator(seed, "shuffle", epoch))
