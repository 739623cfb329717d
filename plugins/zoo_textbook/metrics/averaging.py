"""The class that a metric is computed for, or the average over classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from zoo_core import Problem
from zoo_core.errors import RecipeError
from zoo_core.messages import name_hint, quote_name

if TYPE_CHECKING:
    from zoo_core.components.head import Head

AVERAGE_HELP = (
    "average over the classes; auto: the second of two classes alone, macro for more, micro of several labels a text; "
    "samples: the mean over texts with several labels"
)
OF_HELP = "name of the class that the metric is computed for; empty to average"


def class_index(name: str, head: Head) -> int:
    """Return the index of the class with this name; RecipeError if the data does not have it."""
    if name not in head.classes:
        raise RecipeError(
            Problem(f"unknown class {quote_name(name)}", hint=name_hint(name, head.classes), setting="of")
        )
    return head.classes.index(name)


def resolve_average(average: str, of: str, head: Head) -> int | str:
    """Return the index of the class that a metric is computed for, or the name of an average."""
    if of:
        return class_index(of, head)
    if average == "samples" and head.targets == "single-label":
        raise RecipeError(Problem("samples is for texts with several labels", setting="average"))
    if average != "auto":
        return average
    if head.targets == "multi-label":
        return "micro"
    return 1 if len(head.classes) == 2 else "macro"


def check_average(average: str, of: str, default: str) -> Iterator[Problem]:
    """Yield a problem if both a class and an average are set."""
    if of and average != default:
        yield Problem(f'cannot be set together with average = "{average}"', hint="remove one of them", setting="of")
