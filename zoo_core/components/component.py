"""Component."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from zoo_core.errors import Problem

InputType = Literal["text", "numbers"]  # what a text is: words, or `name=value` pairs with `; ` between them
ScoreForm = Literal["logits", "scores", "probabilities", "distribution"]


class Component:
    """The root of every kind: a name that is registered, and a check across settings."""

    name: ClassVar[str]
    required_methods: ClassVar[tuple[str, ...]] = ()  # of a kind: the methods that every component defines
    aliases: ClassVar[tuple[str, ...]] = ()  # old names: a recipe that says one still runs, and is told the new one
    alias_expires: ClassVar[str] = ""  # the day, YYYY-MM-DD, from which an old name may be gone
    expected_failures: ClassVar[
        tuple[tuple[str, str], ...]
    ] = ()  # (check, why it cannot keep it): see docs/reference/conformance.md

    def check(self) -> Iterator[Problem]:
        """Yield a `Problem(setting="lr", message="…")` for each problem between settings that no validator finds."""
        return iter(())
