"""A conflict between components of a plan, and the form of the rules that find them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from attrs import frozen

from zoo_core.config.key_lines import KeyPath
from zoo_core.recipes.plan import Plan


@frozen
class Conflict:
    """Two components that do not fit, and the slots where another component could resolve it.

    `settings` are other keys that it depends on, each with all that is inside.
    """

    message: str
    slots: tuple[KeyPath, ...]
    settings: tuple[KeyPath, ...] = ()
    hint: str = ""
    breach: str = ""  # how the component in the first slot breaks its contract


Classes = tuple[int, ...]  # the number of classes that the data has, or those that are tried if it is unknown
Rule = Callable[[Plan, Classes], Iterator[Conflict]]
