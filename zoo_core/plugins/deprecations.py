"""What of the plugin API is going away: told to whoever uses it, with what to write and the version it ends in."""

from __future__ import annotations

from attrs import frozen

API_VERSION = "0.1"  # of the zoo, and so of what docs/reference/api-stability.md calls stable


@frozen
class Deprecation:
    """A thing of the API that ends: what to write instead, and the first version without it."""

    instead: str
    ends: str

    def __str__(self) -> str:
        return f"ends in textzoo {self.ends}: write {self.instead}"


DEPRECATED_HOOKS: dict[str, Deprecation] = {}  # hook → its ending; none yet
