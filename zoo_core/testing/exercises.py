"""What a component does with the inputs of its kind: one function for each kind, which the checks of every kind use."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from zoo_core.testing.cases import Subject, check_modules, skip

Exercise = Callable[[Subject], object]
E = TypeVar("E", bound=Exercise)

_EXERCISES: dict[str, Exercise] = {}


def register_exercise(kind: str) -> Callable[[E], E]:
    """Register the exercise of a kind: it uses a component on inputs and returns all that can be observed.

    The result is a tensor, a frame or series of polars, a number, a string, None, or a list, tuple or dictionary of
    these: with the same settings and seed it must be the same, in every process.
    """

    def register(function: E) -> E:
        _EXERCISES[kind] = function
        return function

    return register


def exercise(subject: Subject) -> object:
    """Use a component on the inputs of its kind; return all that can be observed. Skips a kind without an exercise."""
    check_modules()
    if subject.entry.kind not in _EXERCISES:
        skip(f"the kit has no exercise for {subject.entry.kind}s")
    return _EXERCISES[subject.entry.kind](subject)
