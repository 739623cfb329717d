"""Faults of any kind: results that depend on what ran before, on the process, or on its surroundings."""

from __future__ import annotations

import datetime
import os
import random
import time
from pathlib import Path

import numpy as np
import polars as pl
import torch
from attrs import evolve, frozen
from torch import nn

from tests.contracts.faulty import faulty, function
from tests.contracts.planted_modules.late_seed import SeedsLate
from zoo_core import Activation, Vectorizer, setting
from zoo_core.features.layouts import Dense
from zoo_ngrams.weightings import Sublinear
from zoo_textbook.activations import PReLU, Tanh
from zoo_textbook.losses import CrossEntropy
from zoo_textbook.metrics.label_metrics import Accuracy
from zoo_textbook.optimizers import SGD
from zoo_textbook.readers import Lines
from zoo_textbook.tasks.text_classification import TextClassification

TWICE, PROCESS, SURROUNDINGS = "same-twice", "same-in-another-process", "reads-no-clock-or-environment"
COUNTS: list[float] = []
LATEST: dict[str, float] = {}
BUILT: dict[str, nn.Module] = {}


def scaled(scale):
    """tanh with a scale that is made when it is built."""

    def build(self):
        factor = scale()
        return function(lambda module, x: (x * factor).tanh())

    return faulty(Tanh, build=build)


def grow():
    COUNTS.append(1.0)
    return 1 + len(COUNTS) / 100


def latest(self):
    """PReLU with the slope of the last one that was built."""
    if self.init != 0.25:
        LATEST["slope"] = self.init
    return function(lambda module, x: torch.where(x > 0, x, x * LATEST.get("slope", 0.25)))


def running_mean(self, *, class_weights, _seen=[]):  # noqa: B006  the fault
    def forward(module, scores, targets):
        loss = nn.functional.cross_entropy(scores, targets)
        _seen.append(float(loss.detach()))
        return loss * (1 + 0.01 * len(_seen))

    return function(forward)


def counted_steps(self, parameters):
    """SGD whose rate falls with the steps of all optimizers together."""
    COUNTS.append(1.0)
    return torch.optim.SGD(parameters, lr=self.lr / (1 + len(COUNTS)))


def read_and_number(self, stream):
    frame = Lines.read(self, stream)
    COUNTS.append(1.0)
    return frame.with_columns(pl.lit(str(len(COUNTS))).alias("number"))


def shuffled(self, table):
    examples = TextClassification.read(self, table)
    order = np.random.default_rng().permutation(len(examples.texts))
    return evolve(examples, texts=examples.texts[order], labels=examples.labels[order])


def noisy_weights(self, counts):
    generator = torch.Generator()
    generator.seed()
    return Sublinear.local_weights(self, counts) + torch.rand(1, generator=generator)


def first_of_the_metrics(self, head):
    accumulator = Accuracy.build(self, head)
    COUNTS.append(1.0)
    compute, share = accumulator.compute, 1 / len(COUNTS)
    accumulator.compute = lambda: compute() * share
    return accumulator


def changes_itself(self):
    object.__setattr__(self, "init", self.init + 0.01)
    return PReLU.build(self)


@frozen
class FirstWins(Activation):
    """A scaled tanh that is built once for all settings.

    Source: the tests of the conformance kit."""

    name = "faulty"
    acts = "elementwise"
    size: float = setting(0.5, "the scale")

    def build(self):
        if "it" not in BUILT:
            size = self.size
            BUILT["it"] = function(lambda module, x: x.tanh() * size)
        return BUILT["it"]


class Hashes:
    """Numbers a word by its hash, which has another salt in each process."""

    num_features = 16

    def __init__(self, number):
        self.number = number

    def transform(self, tokens):
        values = torch.zeros(len(tokens), self.num_features)
        words = tokens.words.to_list()
        for row in range(len(tokens)):
            for code in tokens.codes[tokens.offsets[row] : tokens.offsets[row + 1]]:
                values[row, self.number(words[code]) % self.num_features] += 1
        return Dense(values)

    def feature_names(self):
        return []

    def state(self):
        return {}


class Hashing(Vectorizer):
    layout = "dense"
    has_feature_names = False

    def fit_transform(self, tokens, labels):
        encoder = self.fit(tokens, labels)
        return encoder, encoder.transform(tokens)


@frozen
class SaltedHashes(Hashing):
    """Numbers words with hash().

    Source: the tests of the conformance kit."""

    name = "faulty"

    def fit(self, tokens, labels):
        return Hashes(hash)

    def restore(self, state):
        return Hashes(hash)


@frozen
class StableHashes(Hashing):
    """Numbers words with the sum of their bytes.

    Source: the tests of the conformance kit."""

    name = "sound"

    def fit(self, tokens, labels):
        return Hashes(lambda word: sum(word.encode()))

    def restore(self, state):
        return self.fit(None, None)


@frozen
class LabelsOfASet(TextClassification):
    """A task that numbers its texts in the order of a set.

    Source: the tests of the conformance kit."""

    name = "faulty"

    def normalize(self, texts):
        order = {text: str(number) for number, text in enumerate(set(texts.to_list()))}
        return pl.Series(texts.name, [order[text] for text in texts.to_list()], dtype=pl.String)

    def texts(self, table):
        return self.normalize(TextClassification.texts(self, table))


@frozen
class LocalTime(Lines):
    """A reader that adds a date in local time.

    Source: the tests of the conformance kit."""

    name = "faulty"

    def read(self, stream):
        date = datetime.datetime.fromtimestamp(1_700_000_000)
        return super().read(stream).with_columns(pl.lit(str(date)).alias("date"))


@frozen
class FolderOfTheCaller(Sublinear):
    """A weighting that finds a file of weights beside the caller.

    Source: the tests of the conformance kit."""

    name = "faulty"

    def local_weights(self, counts):
        return super().local_weights(counts) * (2 if os.path.exists("pyproject.toml") else 1)  # noqa: PTH110


SOUND = [
    scaled(lambda: random.Random(1).random()),
    scaled(lambda: len(Path(__file__).read_bytes()) * 0 + 1),
    StableHashes,
]
FAULTS = [
    (TWICE, "an activation counts its builds", scaled(grow)),
    (TWICE, "an activation draws from a new generator", scaled(lambda: np.random.default_rng().random())),
    (TWICE, "an activation draws from the system", scaled(lambda: random.SystemRandom().random())),
    (TWICE, "an activation takes the settings of the last one", faulty(PReLU, build=latest)),
    (TWICE, "a loss collects in a default argument", faulty(CrossEntropy, build=running_mean)),
    (TWICE, "an optimizer counts over all runs", faulty(SGD, build=counted_steps)),
    (TWICE, "a reader counts over all files", faulty(Lines, read=read_and_number)),
    (TWICE, "a task shuffles with a new generator", faulty(TextClassification, read=shuffled)),
    (TWICE, "a weighting draws from a new generator", faulty(Sublinear, local_weights=noisy_weights)),
    (TWICE, "a metric counts its accumulators", faulty(Accuracy, build=first_of_the_metrics)),
    ("frozen-settings", "changes its own setting", faulty(PReLU, build=changes_itself)),
    (PROCESS, "an activation is built once for all settings", FirstWins),
    (PROCESS, "a vectorizer numbers words by their hash", SaltedHashes),
    (PROCESS, "a task uses the order of a set", LabelsOfASet),
    (PROCESS, "a reader uses the time zone", LocalTime),
    (PROCESS, "a weighting uses the working folder", FolderOfTheCaller),
    (PROCESS, "an activation's module seeds Python's generator", SeedsLate),
    (SURROUNDINGS, "reads an environment variable", scaled(lambda: float(os.environ.get("SCALE", "1")))),
    (SURROUNDINGS, "reads an environment variable by getenv", scaled(lambda: float(os.getenv("SCALE") or 1))),
    (SURROUNDINGS, "asks for an environment variable", scaled(lambda: 2 if "SCALE" in os.environ else 1)),
    (SURROUNDINGS, "reads the clock", scaled(lambda: time.localtime().tm_year / 2026)),
    (SURROUNDINGS, "knows the date", scaled(lambda: datetime.date.today().year / 2026)),
    (SURROUNDINGS, "knows the time", scaled(lambda: datetime.datetime.now().year / 2026)),
    (SURROUNDINGS, "knows the working folder", scaled(lambda: len(str(Path.cwd())))),
]
