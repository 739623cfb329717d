"""Resolved annotations: those of `typing.get_type_hints`, although bases are resolved once."""

from __future__ import annotations

from typing import ClassVar, Literal, Optional, get_type_hints

import pytest

from zoo_core.components.kinds import BASES, type_hints


class Base:
    kind: ClassVar[str] = "base"
    rate: float
    parent: Optional["Base"]  # noqa: UP037, UP045 - a reference within another type
    nothing: None


class Child(Base):
    kind: ClassVar[Literal["child"]] = "child"
    float = int  # names of a class come before those of its module
    share: float


class Resolved(Child):
    __annotations__ = {"rate": int, "size": "float", "parent": "Child"}


@pytest.mark.parametrize("cls", [Base, Child, Resolved, type("Bare", (Resolved,), {}), int])
def test_hints_are_those_of_typing(cls):
    assert list(type_hints(cls).items()) == list(get_type_hints(cls).items())


def test_hints_of_components_are_those_of_typing(registry):
    for cls in [*BASES, *(entry.cls for entry in registry.entries)]:
        assert type_hints(cls) == get_type_hints(cls)


def test_an_unknown_name_is_an_error():
    unknown = type("Unknown", (Base,), {"__annotations__": {"rate": "Nowhere"}})
    with pytest.raises(NameError, match="Nowhere"):
        type_hints(unknown)
