"""Component."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from zoo_core.errors import Problem

Matter = Literal["text", "numbers"]  # what a text is: words, or `name=value` pairs with `; ` between them
Form = Literal["logits", "scores", "probabilities", "distribution"]


class Component:
    """The root of every kind: a name that is registered, and a check across settings."""

    name: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()  # old names: a recipe that says one still runs, and is told the new one
    retires: ClassVar[str] = ""  # the day, YYYY-MM-DD, from which an old name may be gone
    waives: ClassVar[tuple[tuple[str, str], ...]] = ()  # (check, why it cannot keep it): see docs/reference/conformance.md

    def check(self) -> Iterator[Problem]:
        """Problems between settings that no single one shows; a message begins with the setting it speaks of."""
        return iter(())
