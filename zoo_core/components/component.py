"""The base class of components, and the value types of their contracts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal, Self

if TYPE_CHECKING:
    from zoo_core.errors import Problem

__all__ = ["ANY_TARGETS", "Component", "InputType", "ScoreForm", "TargetType"]
# The content of a text: words, `name=value` pairs joined by `; `, or the columns of a row as a JSON object
InputType = Literal["text", "numbers", "fields"]
ScoreForm = Literal["logits", "scores", "probabilities", "distribution"]
TargetType = Literal["single-label", "multi-label"]  # each text has exactly one of the classes, or any number of them
ANY_TARGETS: tuple[TargetType, ...] = ("single-label", "multi-label")


class Component:
    """The base class of every kind: a registered name, and a check across settings.

    Attributes:
        name: The name in recipes: lower case, words joined by `-`.
        required_methods: The methods that components of a kind must define; set by the kind.
        build_arguments: The arguments that `build` of a kind may take; set by the kind, see `call_build`.
        aliases: Old names: recipes with one still run, with a warning.
        alias_expires: The date, YYYY-MM-DD, from which the old names may be removed; `""` if none is set.
        expected_failures: Pairs of a conformance check and the reason why the component fails it.
    """

    name: ClassVar[str]
    required_methods: ClassVar[tuple[str, ...]] = ()
    build_arguments: ClassVar[tuple[str, ...]] = ()
    aliases: ClassVar[tuple[str, ...]] = ()
    alias_expires: ClassVar[str] = ""
    expected_failures: ClassVar[tuple[tuple[str, str], ...]] = ()

    def check(self) -> Iterator[Problem]:
        """Yield a `Problem(setting="lr", message="…")` for each problem between settings that no validator finds.

        Called when a component is made with its settings, before anything is built."""
        return iter(())

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _memo: object) -> Self:
        return self
