"""The table of checks, and a case for each check of each component."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from attrs import frozen

from zoo_core.config import open_zoo
from zoo_core.contracts import Component
from zoo_core.errors import PluginError
from zoo_core.registry import Entry, Registry
from zoo_core.settings import component

Body = Callable[["Subject"], None]
B = TypeVar("B", bound=Body)


@frozen
class Subject:
    """What a check examines: a component with its default settings, its entry, and the registry."""

    part: Component
    entry: Entry
    registry: Registry


@frozen
class Check:
    """A promise: its id, the kind it is for ("" for every kind), why it matters, and how it is tried."""

    id: str
    kind: str
    reason: str
    body: Body


@frozen
class Case:
    """One check of one component."""

    check: Check
    entry: Entry
    registry: Registry

    @property
    def id(self) -> str:
        return f"{self.entry.kind}-{self.entry.name}-{self.check.id}"

    def run(self) -> None:
        """Try it: an AssertionError that begins with the reason where the promise is broken."""
        part = component(self.registry, self.entry.kind, self.entry.qualified)
        try:
            self.check.body(Subject(part, self.entry, self.registry))
        except AssertionError as error:
            raise AssertionError(f"{self.check.reason}: {error}") from error


_TABLE: list[Check] = []


def check(kind: str, reason: str) -> Callable[[B], B]:
    """Enter a function into the table; its id is its name."""

    def enter(body: B) -> B:
        _TABLE.append(Check(body.__name__.replace("_", "-"), kind, reason, body))
        return body

    return enter


def checks_of(kind: str) -> list[Check]:
    """Every check for a kind of component."""
    from zoo_core.testing import any_kind, data_kinds, loop_kinds, losses, models, torch_kinds, weightings

    assert all((any_kind, data_kinds, loop_kinds, losses, models, torch_kinds, weightings))
    return [one for one in _TABLE if one.kind in ("", kind)]


def cases(plugin: str = "") -> list[Case]:
    """Each check of each component of a plugin ("" for all). PluginError where there is nothing to check."""
    zoo = open_zoo()
    for absent in zoo.plugins.absent:
        if plugin in ("", absent.source.plugin) and not absent.disabled:
            raise PluginError(str(absent))
    entries = [e for e in zoo.registry.entries if plugin in ("", e.owner.plugin)]
    if not entries:
        raise PluginError(f'there is no plugin "{plugin}" with components to check')
    return [Case(one, entry, zoo.registry) for entry in entries for one in checks_of(entry.kind)]
