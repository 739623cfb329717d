"""Faults of any kind: settings that change nothing."""

from __future__ import annotations

import torch
from torch import nn

from tests.contracts.faulty import faulty, function
from tests.contracts.faulty.sound_archives_and_letters import archive
from zoo_core import Activation, setting, slot
from zoo_core.components.validators import Bounds, at_least_one, fraction, not_negative
from zoo_ngrams.weightings import Sublinear
from zoo_textbook.activations import PReLU, Tanh
from zoo_textbook.losses import CrossEntropy, FocalLoss
from zoo_textbook.metrics.label_metrics import Accuracy
from zoo_textbook.models import MLP, Perceptron
from zoo_textbook.optimizers import SGD, Adam
from zoo_textbook.readers import Lines
from zoo_textbook.schedulers import ReduceOnPlateau
from zoo_textbook.tasks.text_classification import TextClassification
from zoo_textbook.vectorizers import OneHot

ID = "every-setting-changes-something"


def adding(base, type_, default, *validators, **members):
    """A component with one setting more, `a`, which changes nothing unless a member uses it."""
    own = {"a": setting(default, "a setting", *validators), "__annotations__": {"a": type_}}
    return faulty(base, **own, **members)


def sloped(self):
    return function(lambda module, x: x.tanh() * self.a if self.a > 0 else x.tanh())


def either(self):
    """tanh, or a scaled one: the size counts only if scaling is on."""
    return function(lambda module, x: x.tanh() * (self.size if self.scaled else 1))


def two_settings(build):
    own = {
        "scaled": setting(False, "whether outputs are scaled"),
        "size": setting(0.5, "the scale, if outputs are scaled", fraction),
        "__annotations__": {"scaled": "bool", "size": "float"},
    }
    return faulty(Tanh, build=build, **own)


def declared():
    own = {"a": setting(1, "rows at once", at_least_one, no_effect="only the speed changes")}
    return faulty(Tanh, **own, __annotations__={"a": "int"})


def with_slot():
    own = {"f": slot("tanh", "an activation", where={"acts": "elementwise"}), "__annotations__": {"f": Activation}}
    return faulty(Perceptron, **own)


def without_focus(self, *, class_weights):
    return nn.CrossEntropyLoss(class_weights)


def without_decay(self, parameters):
    return torch.optim.SGD(parameters, lr=self.lr, momentum=self.momentum, nesterov=self.nesterov)


def patient(self, optimizer, *, epochs, steps_per_epoch):
    return torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=self.factor, patience=1)


def without_dropout(self, *, num_features, num_outputs):
    inner = MLP(hidden=self.hidden, activation=self.activation)
    return inner.build(num_features=num_features, num_outputs=num_outputs)


def capped(self):
    return function(lambda module, x: x.tanh() if self.a is None else x.tanh() * self.a)


SOUND = [
    adding(Tanh, "float | None", None, fraction, build=capped),
    adding(Tanh, "float | None", 0.5, fraction, build=capped),
    adding(Tanh, "float", 0.5, fraction, build=sloped),
    two_settings(either),
    declared(),
    archive(),
]
FAULTS = [
    (ID, "an activation ignores a slope", adding(Tanh, "float", 0.5, fraction)),
    (ID, "an activation ignores its initial slope", faulty(PReLU, build=lambda self: nn.PReLU())),
    (ID, "a setting that needs another is ignored", two_settings(Tanh.build)),
    (ID, "a loss ignores the focus", faulty(FocalLoss, build=without_focus)),
    (ID, "a loss ignores label smoothing", faulty(CrossEntropy, build=without_focus)),
    (ID, "an optimizer ignores weight decay", faulty(SGD, build=without_decay)),
    (ID, "an optimizer ignores a switch", adding(Adam, "bool", False)),
    (ID, "a scheduler ignores patience", faulty(ReduceOnPlateau, build=patient)),
    (ID, "a vectorizer ignores a cutoff", adding(OneHot, "int", 3, Bounds(ge=1, le=100))),
    (ID, "a model ignores dropout", faulty(MLP, build=without_dropout)),
    (ID, "a model ignores a slot", with_slot()),
    (ID, "an activation ignores a cap that may be missing", adding(Tanh, "float | None", None, fraction)),
    (ID, "a loss ignores a number that may be missing", adding(CrossEntropy, "int | None", 3)),
    (ID, "a reader ignores a list that may be missing", adding(Lines, "tuple[str, ...] | None", None)),
    (ID, "a metric ignores a choice", adding(Accuracy, "bool", False)),
    (ID, "a reader ignores a word", adding(Lines, "str", "#")),
    (ID, "a task ignores a list", adding(TextClassification, "tuple[str, ...]", ())),
    (ID, "a weighting ignores a number", adding(Sublinear, "float", 1.0, not_negative)),
]
