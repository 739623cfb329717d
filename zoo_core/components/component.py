"""The base class of components, and the value types of their contracts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal, Self

if TYPE_CHECKING:
    from zoo_core.errors import Problem

__all__ = ["Component", "InputType", "ScoreForm"]
InputType = Literal["text", "numbers"]  # the content of a text: words, or `name=value` pairs joined by `; `
ScoreForm = Literal["logits", "scores", "probabilities", "distribution"]


class Component:
    """The base class of every kind: a registered name, and a check across settings."""

    name: ClassVar[str]
    required_methods: ClassVar[tuple[str, ...]] = ()  # methods that components of a kind must define
    build_arguments: ClassVar[tuple[str, ...]] = ()  # what `build` of a kind may take, by name; see `call_build`
    aliases: ClassVar[tuple[str, ...]] = ()  # old names: recipes with one still run, with a warning
    alias_expires: ClassVar[str] = ""  # the date, YYYY-MM-DD, from which old names may be removed
    # (conformance check, the reason why it fails): see docs/reference/conformance.md
    expected_failures: ClassVar[tuple[tuple[str, str], ...]] = ()

    def check(self) -> Iterator[Problem]:
        """Yield a `Problem(setting="lr", message="…")` for each problem between settings that no validator finds."""
        return iter(())

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _memo: object) -> Self:
        return self
