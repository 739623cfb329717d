"""Names that several plugins may offer: a longer name or a preference says which one is meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from zoo_core.errors import PluginError
from zoo_core.messages import join_hints
from zoo_core.plugins.plugin_source import PluginSource


class Owned(Protocol):
    """Something with a name that belongs to a plugin."""

    @property
    def owner(self) -> PluginSource:
        """The plugin that offers it."""

    @property
    def qualified_name(self) -> str:
        """The longer name, which no other plugin can have."""


AnyOwned = TypeVar("AnyOwned", bound=Owned)


def is_owned_by(source: PluginSource, owner: str) -> bool:
    """Whether an owner names this plugin: `plugin`, `distribution/plugin`, or "" for any."""
    distribution, _, plugin = owner.rpartition("/")
    return (not plugin or plugin == source.plugin) and distribution in ("", source.distribution)


def select_preferred(matches: Sequence[AnyOwned], preferred: str) -> Sequence[AnyOwned]:
    """Those of several matches that belong to the preferred owner; all of them if none does."""
    if len(matches) < 2 or not preferred:
        return matches
    return [one for one in matches if is_owned_by(one.owner, preferred)] or matches


def ambiguous_name(
    what: str, name: str, matches: Sequence[Owned], *, where: str = "", verb: str = "write"
) -> PluginError:
    """The error for a name that several plugins offer; its hint has the longer names."""
    owners = " and ".join(str(one.owner) for one in matches)
    names = join_hints(*(f'"{one.qualified_name}"' for one in matches)).replace(", or ", " or ")
    return PluginError(f'{what} "{name}" is ambiguous: provided by {owners}', where=where, hint=f"{verb} {names}")
