"""What a component does with the inputs of its kind: one function for each kind, which the checks of every kind use."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from zoo_core.errors import ZooError
from zoo_core.plugins.plugin_source import describe_exception
from zoo_core.seeds import seeded
from zoo_core.testing.checks import Skipped, Subject, check_modules, skip
from zoo_core.testing.differences import copy_result

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
    """Use a component on the inputs of its kind; return all that can be observed. Skips a kind without an exercise.

    Torch's global generator is seeded, for initial weights and dropout.
    """
    with seeded(7, "exercise"):
        return run_exercise(subject)


def run_exercise(subject: Subject) -> object:
    """`exercise` without a seed of its own."""
    check_modules()
    if subject.entry.kind not in _EXERCISES:
        skip(f"the kit has no exercise for {subject.entry.kind}s")
    return _EXERCISES[subject.entry.kind](subject)


def observe(subject: Subject) -> object:
    """Return a copy of what the exercise returns, or the error that it ends in, as text."""
    try:
        return copy_result(exercise(subject))
    except Skipped:
        raise
    except Exception as error:  # plugin code may raise anything
        return str(error) if isinstance(error, ZooError) else describe_exception(error)
