"""Faults of any kind of component."""

from __future__ import annotations

import math

from attrs import Factory, define, field

from tests.contracts.faulty import faulty
from tests.contracts.planted_modules.early_torch import ImportsTorch
from zoo_core import Activation, setting, slot
from zoo_textbook.activations import PReLU, Tanh
from zoo_textbook.models import Perceptron
from zoo_textbook.optimizers import SGD


def with_setting(type_: str, **options):
    """tanh with an additional setting `a`."""
    default = options.pop("default")
    made = setting(default, "a setting") if not options else field(default=default, **options)
    return faulty(Tanh, a=made, __annotations__={"a": type_})


@define
class Loose(Activation):
    """A component that is not immutable.

    Source: the tests of the conformance kit."""

    name = "faulty"
    acts = "elementwise"
    init: float = setting(0.25, "initial slope")

    def build(self):
        return PReLU(self.init).build()


class Bare(Tanh):
    """A component without @frozen.

    Source: the tests of the conformance kit."""

    name = "faulty"


def nesterov():
    own = {"nesterov": setting(True, "enabled without momentum"), "__annotations__": {"nesterov": "bool"}}
    return faulty(SGD, **own)


def with_number(use):
    """tanh with a setting `a` without limits that is used in `build`."""

    def build(self):
        use(self.a)
        return Tanh.build(self)

    own = {"a": setting(1.0, "a setting"), "build": build, "__annotations__": {"a": "float"}}
    return faulty(Tanh, **own)


def endless():
    """tanh with a loop as long as a setting says."""

    def build(self):
        for _ in range(self.a):
            pass
        return Tanh.build(self)

    return faulty(Tanh, a=setting(1, "a setting"), build=build, __annotations__={"a": "int"})


def with_slot(default):
    """A model with a slot of this default."""
    own = {"f": slot(default, "an activation", where={"acts": "elementwise"}), "__annotations__": {"f": Activation}}
    return faulty(Perceptron, **own)


SOUND = [with_setting("float", default=1.0)]
FAULTS = [
    ("import-loads-no-torch", "a module beside it imports torch", ImportsTorch),
    ("aliases-lead-to-it", "an alias that is another's name", faulty(Tanh, aliases=("relu",))),
    ("aliases-lead-to-it", "an alias that another has, too", faulty(Tanh, aliases=("other", "sigmoid"))),
    ("valid-class", "a list as a contract attribute", faulty(Tanh, range=[-1.0, 1.0])),
    ("valid-class", "a list of aliases", faulty(Tanh, aliases=["old"])),
    (
        "valid-class",
        "a list that is made for each component",
        with_setting("tuple[int, ...]", default=Factory(list)),
    ),
    ("valid-defaults", "a slot without a default", with_slot("")),
    ("valid-defaults", "a slot whose default does not exist", with_slot("nothing-of-that-name")),
    ("valid-defaults", "a slot whose default does not fit", with_slot("softmax")),
    ("import-loads-no-torch", "imports torch at module level", faulty(Tanh, __module__=__name__)),
    ("valid-class", "a list as default", with_setting("tuple[int, ...]", default=[1, 2])),
    ("valid-class", "a setting of a type that recipes do not support", with_setting("dict[str, int]", default=1)),
    ("valid-class", "not frozen", Loose),
    ("valid-class", "no @frozen", Bare),
    ("valid-class", "no docstring", faulty(Tanh, __doc__=None)),
    ("frozen-settings", "can be changed", Loose),
    ("documented", "a setting without help", with_setting("float", default=1.0, metadata={"help": ""})),
    ("round-trip-through-toml", "a default that is not equal to itself", with_setting("float", default=math.nan)),
    ("numbers-at-their-extremes", "a count that is not limited", endless()),
    ("numbers-at-their-extremes", "a number that its function does not have", with_number(lambda a: math.exp(1 / a))),
    ("valid-defaults", "defaults that contradict each other", nesterov()),
]
