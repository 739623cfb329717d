"""Which class a figure is of, or how those of all classes become one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from zoo_core import Problem
from zoo_core.errors import RecipeError
from zoo_core.messages import name_hint

if TYPE_CHECKING:
    from zoo_core.components.head import Head

AUTO = "auto takes the second class alone where there are two, else macro"
ONE = "the class that it is the figure of, by its name; empty for what average says"


def class_named(name: str, head: Head) -> int:
    """The index of the class called so; RecipeError where the data has none such."""
    if name not in head.classes:
        raise RecipeError(f'of = "{name}" is no class of this data', hint=name_hint(name, head.classes))
    return head.classes.index(name)


def chosen(average: str, of: str, head: Head) -> int | str:
    """The index of the one class that a figure is of, or the name of an average."""
    if of:
        return class_named(of, head)
    if average != "auto":
        return average
    return 1 if len(head.classes) == 2 else "macro"


def one_or_average(average: str, of: str, default: str) -> Iterator[Problem]:
    """The problem of asking for one class and for an average of all."""
    if of and average != default:
        yield Problem(
            f'cannot be set together with average = "{average}"', hint="leave one of the two out", setting="of"
        )
