"""The inputs of the checks: for each kind a named set with a version; a failure names the input that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

from attrs import field, frozen

T = TypeVar("T")

_SETS: list[InputSet[object]] = []


@frozen
class InputSet(Generic[T]):
    """The inputs of a kind, by what is special about them ("512 rows", "no last newline"); made when they are used.

    A change of the inputs is a new `version`, which the changelog names.
    """

    name: str
    version: int
    makers: Mapping[str, Callable[[], T]] = field(repr=False)

    def __attrs_post_init__(self) -> None:
        _SETS.append(self)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[tuple[str, T]]:
        """Each input with its description."""
        for description, make in self.makers.items():
            yield description, make()


def input_sets() -> list[InputSet[object]]:
    """Every set, in the order of their definition."""
    return list(_SETS)
