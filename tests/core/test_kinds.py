"""Classes that look right and are not: each mistake is named before the class is registered."""

from __future__ import annotations

import attrs
import pytest
from attrs import define, frozen

from zoo_core import Activation, Loss, setting, slot
from zoo_core.components.class_checks import class_problems
from zoo_core.components.kinds import KINDS
from zoo_core.components.validators import positive


@frozen
class Right(Activation):
    """A sound component."""

    name = "right"
    acts = "elementwise"
    slope: float = setting(1, "an int is a float")
    inner: Activation = slot("relu", "a part")

    def build(self):
        raise AssertionError


class NoFrozen(Right):
    """Its setting would vanish."""

    name = "no-frozen"
    extra: float = setting(0.5, "a number")


@define
class NotFrozen(Activation):
    """It can be changed."""

    name = "not-frozen"
    acts = "elementwise"

    def build(self):
        raise AssertionError


def classes():
    """One class for each mistake; made late, so that a mistake that attrs refuses shows in its own test."""
    build = {"build": lambda self: None}
    good = {"__doc__": "A part.", "name": "part", "acts": "elementwise", **build}

    def made(base=Activation, hints=None, **changes):
        body = {**good, **changes, "__annotations__": hints or {}, "__module__": __name__}
        return frozen(type("Made", (base,), {k: v for k, v in body.items() if v is not None}))

    number = setting(0.5, "a number")
    return {
        "name is annotated": (made(name="part", hints={"name": str}), "name"),
        "unannotated field": (made(a=number, b=setting(1, "b"), hints={"a": float}), "annotation"),
        "dropped field": (made(a=0.5, b=setting(1, "b"), hints={"a": float}), "annotation"),
        "list default": (made(sizes=setting([1], "sizes"), hints={"sizes": tuple[int, ...]}), "use a tuple"),
        "list factory": (
            made(sizes=attrs.field(factory=list, metadata={"help": "x"}), hints={"sizes": tuple[int, ...]}),
            "default of sizes",
        ),
        "no docstring": (made(__doc__=None), "no docstring"),
        "blank docstring": (made(__doc__="  "), "no docstring"),
        "no name": (made(name=None), "kebab-case"),
        "not kebab": (made(name="My Part"), "kebab-case"),
        "no contract": (made(acts=None), "does not declare acts"),
        "wrong contract": (made(acts="diagonal"), 'its acts must be "elementwise" | "rowwise"'),
        "wrong probability": (made(is_probability=1), "its is_probability must be"),
        "wrong range": (made(range=[0, 1]), "its range must be"),
        "no build": (made(build=None), "does not define build()"),
        "undocumented": (made(a=0.5, hints={"a": float}), "not documented"),
        "no default": (made(a=attrs.field(metadata={"help": "x"}), hints={"a": float}), "has no default"),
        "wrong default": (made(a=setting(0.5, "x"), hints={"a": int}), "default of a must be int, not"),
        "bool default of int": (made(a=setting(True, "x"), hints={"a": int}), "default of a must be int, not"),
        "optional": (made(a=setting(None, "x"), hints={"a": float | None}), "unsupported type"),
        "dict": (made(a=setting((), "x"), hints={"a": dict[str, int]}), "unsupported type"),
        "slot of no kind": (made(a=slot("x", "x"), hints={"a": float}), "unsupported type"),
        "unresolved": (made(a=number, hints={"a": "Nowhere"}), "cannot be resolved"),
        **{
            f"reserved {word}": (made(**{word: number}, hints={word: float}), f"{word} is a reserved word")
            for word in ("use", "kind")
        },
        "name is reserved": (made(name=number, hints={"name": float}), "name is a reserved word"),
        "default out of bounds": (made(a=setting(-1.0, "x", positive), hints={"a": float}), "default of a"),
    }


def test_a_sound_class_has_no_faults():
    assert class_problems(Right) == []


@pytest.mark.parametrize("mistake", sorted(classes()))
def test_each_mistake_is_named(mistake):
    cls, phrase = classes()[mistake]
    found = class_problems(cls)
    assert any(phrase in fault for fault in found), found


def test_decorators():
    assert any("@attrs.frozen" in fault for fault in class_problems(NoFrozen))
    assert any("not frozen" in fault for fault in class_problems(NotFrozen))


def test_one_mistake_is_one_fault():
    for mistake in ("list default", "no docstring", "no build", "undocumented", "not kebab", "optional"):
        assert len(class_problems(classes()[mistake][0])) == 1, mistake


@pytest.mark.parametrize("thing", [3, "relu", Right(inner=None), object, int, Activation, Loss, lambda: None])
def test_what_is_no_component_class(thing):
    assert class_problems(thing)


def test_kinds_are_told_apart():
    for of in (lambda kind: kind.name, lambda kind: kind.hook, lambda kind: kind.base):
        assert len(set(map(of, KINDS))) == len(KINDS)
