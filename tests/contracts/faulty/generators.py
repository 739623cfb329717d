"""Faults of any kind: global generators that are seeded or drawn from."""

from __future__ import annotations

import random

import numpy as np
import torch
from torch import nn

from tests.contracts.faulty import faulty, function
from zoo_formats.json_readers import JSONLines
from zoo_ngrams.weightings import Sublinear
from zoo_textbook.activations import Tanh
from zoo_textbook.losses import CrossEntropy
from zoo_textbook.metrics.label_metrics import Accuracy
from zoo_textbook.models import MLP
from zoo_textbook.optimizers import SGD
from zoo_textbook.schedulers import NoSchedule
from zoo_textbook.tasks.text_classification import TextClassification
from zoo_textbook.vectorizers import OneHot

ID = "leaves-global-generators-alone"


def before(base, method, act):
    """A component that does something of its own before a method of its base."""
    inherited = getattr(base, method)

    def changed(self, *arguments, **named):
        act()
        return inherited(self, *arguments, **named)

    return faulty(base, **{method: changed})


def loss(forward):
    """Cross-entropy with something of its own in each batch."""
    return faulty(CrossEntropy, build=lambda self, *, class_weights: function(forward))


def noisy(self):
    """tanh with a little noise of torch's generator in training, as dropout."""
    return function(lambda module, x: x.tanh() + (0.01 * torch.randn_like(x) if module.training else 0))


def of_its_own(self):
    """tanh with a fixed random scale, from a generator of its own."""
    scale = np.random.default_rng(3).random()
    return function(lambda module, x: (x * scale * random.Random(3).random()).tanh())


def fork_and_seed():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        torch.rand(1)


def seed_default():
    torch.default_generator.manual_seed(1)


def jittering(self, parameters):
    return Jitter(parameters, lr=self.lr)


def warming(self, optimizer, *, epochs, steps_per_epoch):
    return Warm(optimizer)


class Jitter(torch.optim.SGD):
    """A step whose rate varies a little."""

    def step(self, closure=None):
        for group in self.param_groups:
            group["lr"] *= 1 + 0.001 * random.random()
        return super().step(closure)


class Warm(torch.optim.lr_scheduler.LRScheduler):
    """A rate with a random first step."""

    def get_lr(self):
        return [rate * np.random.uniform(0.9, 1.0) for rate in self.base_lrs]


def seeds_in_forward(self, *, num_features, num_outputs):
    inner = MLP.build(self, num_features=num_features, num_outputs=num_outputs)

    class Seeded(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = inner

        def forward(self, features):
            torch.manual_seed(0)
            return self.inner(features)

    return Seeded()


SOUND = [
    faulty(Tanh, build=of_its_own, range=(-1.0, 1.0)),
]
FAULTS = [
    (ID, "an activation seeds torch in build", before(Tanh, "build", lambda: torch.manual_seed(0))),
    (ID, "a model seeds torch in build", before(MLP, "build", lambda: torch.manual_seed(42))),
    (ID, "a model seeds torch in a fork", before(MLP, "build", fork_and_seed)),
    (ID, "a model seeds torch in forward", faulty(MLP, build=seeds_in_forward)),
    (
        ID,
        "a model seeds torch's default generator",
        before(MLP, "build", seed_default),
    ),
    (ID, "a model makes torch's seed new", before(MLP, "build", torch.seed)),
    (ID, "a model draws its initial weights from NumPy's", before(MLP, "build", lambda: np.random.normal(size=3))),
    (ID, "a loss draws from torch's", loss(lambda m, x, y: nn.functional.cross_entropy(x + torch.randn(1), y))),
    (ID, "a loss draws from NumPy's", loss(lambda m, x, y: nn.functional.cross_entropy(x * np.random.rand(), y))),
    (ID, "a loss draws from Python's", loss(lambda m, x, y: nn.functional.cross_entropy(x + random.random(), y))),
    (
        ID,
        "an optimizer draws from Python's",
        faulty(SGD, build=jittering),
    ),
    (
        ID,
        "a scheduler draws from NumPy's",
        faulty(NoSchedule, build=warming),
    ),
    (ID, "a vectorizer seeds NumPy to shuffle words", before(OneHot, "fit", lambda: np.random.seed(0))),
    (ID, "a vectorizer seeds Python's generator", before(OneHot, "fit_transform", lambda: random.seed(0))),
    (ID, "a vectorizer samples words with Python's", before(OneHot, "fit", lambda: random.sample(range(9), 3))),
    (ID, "a weighting draws from torch's", before(Sublinear, "local_weights", lambda: torch.rand(3))),
    (ID, "a task shuffles rows", before(TextClassification, "read", lambda: random.shuffle([1, 2, 3]))),
    (ID, "a reader samples rows", before(JSONLines, "read", lambda: random.randrange(9))),
    (ID, "a metric resamples with NumPy's", before(Accuracy, "build", lambda: np.random.choice(9, 3))),
]
