"""Invalid component classes: each mistake is reported before the class is registered."""

from __future__ import annotations

import attrs
import pytest
from attrs import define, frozen

from zoo_core import Activation, Loss, setting, slot
from zoo_core.components.class_checks import class_problems
from zoo_core.components.kinds import KINDS
from zoo_core.components.validators import positive


@frozen
class Valid(Activation):
    """A valid component."""

    name = "valid"
    acts = "elementwise"
    slope: float = setting(1, "an int is a float")
    inner: Activation = slot("relu", "a component")

    def build(self):
        raise AssertionError


class NoFrozen(Valid):
    """Its setting would be lost."""

    name = "no-frozen"
    extra: float = setting(0.5, "a number")


@define
class NotFrozen(Activation):
    """It is mutable."""

    name = "not-frozen"
    acts = "elementwise"

    def build(self):
        raise AssertionError


def classes():
    """One class for each mistake, built in the test, so that an error of attrs fails its own test."""
    build = {"build": lambda self: None}
    valid = {"__doc__": "A component.", "name": "component", "acts": "elementwise", **build}

    def build_class(base=Activation, hints=None, **changes):
        body = {**valid, **changes, "__annotations__": hints or {}, "__module__": __name__}
        return frozen(type("Built", (base,), {k: v for k, v in body.items() if v is not None}))

    number = setting(0.5, "a number")
    return {
        "name is annotated": (build_class(name="component", hints={"name": str}), "name"),
        "unannotated field": (build_class(a=number, b=setting(1, "b"), hints={"a": float}), "annotation"),
        "dropped field": (build_class(a=0.5, b=setting(1, "b"), hints={"a": float}), "annotation"),
        "list default": (build_class(sizes=setting([1], "sizes"), hints={"sizes": tuple[int, ...]}), "use a tuple"),
        "list factory": (
            build_class(sizes=attrs.field(factory=list, metadata={"help": "x"}), hints={"sizes": tuple[int, ...]}),
            "default of sizes",
        ),
        "no docstring": (build_class(__doc__=None), "no docstring"),
        "blank docstring": (build_class(__doc__="  "), "no docstring"),
        "no name": (build_class(name=None), "kebab-case"),
        "not kebab": (build_class(name="My Component"), "kebab-case"),
        "no contract": (build_class(acts=None), "does not declare acts"),
        "wrong contract": (build_class(acts="diagonal"), 'its acts must be "elementwise" | "rowwise"'),
        "wrong probability": (build_class(is_probability=1), "its is_probability must be"),
        "wrong range": (build_class(range=[0, 1]), "its range must be"),
        "no build": (build_class(build=None), "does not define build()"),
        "undocumented": (build_class(a=0.5, hints={"a": float}), "not documented"),
        "no default": (build_class(a=attrs.field(metadata={"help": "x"}), hints={"a": float}), "has no default"),
        "wrong default": (build_class(a=setting(0.5, "x"), hints={"a": int}), "default of a must be int, not"),
        "bool default of int": (build_class(a=setting(True, "x"), hints={"a": int}), "default of a must be int, not"),
        "several types": (build_class(a=setting(1, "x"), hints={"a": float | str | None}), "unsupported type"),
        "dict": (build_class(a=setting((), "x"), hints={"a": dict[str, int]}), "unsupported type"),
        "slot of no kind": (build_class(a=slot("x", "x"), hints={"a": float}), "unsupported type"),
        "unresolved": (build_class(a=number, hints={"a": "Nowhere"}), "cannot be resolved"),
        **{
            f"reserved {word}": (build_class(**{word: number}, hints={word: float}), f"{word} is a reserved word")
            for word in ("use", "kind")
        },
        "name is reserved": (build_class(name=number, hints={"name": float}), "name is a reserved word"),
        "default out of bounds": (build_class(a=setting(-1.0, "x", positive), hints={"a": float}), "default of a"),
    }


def test_valid_class_has_no_problems():
    assert class_problems(Valid) == []


@pytest.mark.parametrize("mistake", sorted(classes()))
def test_each_mistake_is_reported(mistake):
    cls, phrase = classes()[mistake]
    problems = class_problems(cls)
    assert any(phrase in problem for problem in problems), problems


def test_decorators():
    assert any("@attrs.frozen" in problem for problem in class_problems(NoFrozen))
    assert any("not frozen" in problem for problem in class_problems(NotFrozen))


def test_one_mistake_is_one_problem():
    for mistake in ("list default", "no docstring", "no build", "undocumented", "not kebab", "several types"):
        assert len(class_problems(classes()[mistake][0])) == 1, mistake


@pytest.mark.parametrize("thing", [3, "relu", Valid(inner=None), object, int, Activation, Loss, lambda: None])
def test_rejects_other_objects(thing):
    assert class_problems(thing)


def test_kinds_are_distinct():
    for key in (lambda kind: kind.name, lambda kind: kind.hook, lambda kind: kind.base):
        assert len(set(map(key, KINDS))) == len(KINDS)
