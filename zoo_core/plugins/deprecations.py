"""Deprecated parts of the plugin API, with their replacement and the version that removes them."""

from __future__ import annotations

from attrs import frozen

API_VERSION = "0.1"  # of the stable API: see docs/reference/api-stability.md


@frozen
class Deprecation:
    """A deprecated part of the API: its replacement, and the first version without it."""

    instead: str
    ends: str

    def __str__(self) -> str:
        return f"is deprecated and will be removed in textzoo {self.ends}: use {self.instead}"


DEPRECATED_HOOKS: dict[str, Deprecation] = {}  # by the name of the hook; none yet
