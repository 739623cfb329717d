"""Problems at keys of settings, raised together with the places where the keys were written."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, frozen

from zoo_core.config.key_lines import KeyPath
from zoo_core.errors import PluginError, Problem, RecipeError
from zoo_core.messages import join_hints


@frozen
class LocatedProblem:
    """A problem at a key; `is_plugin_fault` if it is caused by an unavailable plugin."""

    path: KeyPath
    problem: Problem
    is_plugin_fault: bool = False
    location_path: KeyPath = ()  # the key to locate, if it is not `path`


def add_hints(problems: list[LocatedProblem], first: int, hint: str) -> None:
    """Add a hint to the problems from the number `first` on: what else may be written."""
    for at, located in enumerate(problems[first:], first):
        problem = evolve(located.problem, hint=join_hints(located.problem.hint, hint))
        problems[at] = evolve(located, problem=problem)


def raise_problems(problems: list[LocatedProblem], locations: Mapping[KeyPath, str] | None = None) -> None:
    """Raise all problems, each with its key and location; do nothing if there are none."""
    if not problems:
        return
    error = PluginError if all(located.is_plugin_fault for located in problems) else RecipeError
    raise error(*(_locate(located, locations or {}) for located in problems))


def _locate(located: LocatedProblem, locations: Mapping[KeyPath, str]) -> Problem:
    where = located.problem.where
    path = located.location_path or located.path
    while not where and path:
        where = locations.get(path, "")
        path = path[:-1]
    return evolve(located.problem, where=where, setting=".".join(located.path))
