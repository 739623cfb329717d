"""The table of checks: what each requires, and what it examines."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module, metadata
from pkgutil import iter_modules
from typing import Any, NoReturn, TypeVar

from attrs import frozen

from zoo_core.components.component import Component
from zoo_core.plugins.plugin_source import API_DISTRIBUTION
from zoo_core.plugins.registry import Entry, Registry

Body = Callable[[Any], None]  # of a Subject, or of a part of a plugin
B = TypeVar("B", bound=Body)
PART_KINDS = ("recipe", "command", "listener")  # of what a plugin provides besides components
FIRST_VERSION = "0.1"  # no plugin is older, so its checks fail at once


class Skipped(Exception):
    """The check does not apply to this component or this machine; the message says why."""


class ExpectedFailure(Exception):
    """The check fails for a reason that is not the component's fault; the message names it."""


def skip(reason: str) -> NoReturn:
    """Skip the check that runs."""
    raise Skipped(reason)


@frozen
class Subject:
    """What a check examines: a component with its default settings, its entry, and the registry.

    `together` are the entries that are checked in the same call, this one among them: one process serves them all.
    """

    component: Component
    entry: Entry
    registry: Registry
    together: tuple[Entry, ...] = ()


@frozen
class Check:
    """A requirement: its id, its kind ("" for every kind), why it matters, and the function that tests it.

    `since` is the version of textzoo that it came with; a `slow` one takes seconds, or starts a process.
    """

    id: str
    kind: str
    reason: str
    body: Body
    since: str = FIRST_VERSION
    slow: bool = False

    @property
    def is_new(self) -> bool:
        """Whether it came with the running version, so that a component that fails it is only warned."""
        return self.since != FIRST_VERSION and _minor(self.since) == _minor(running_version())

    @property
    def section(self) -> str:
        """The section of the documentation about this check."""
        return f"docs/reference/conformance.md#{self.kind or 'any'}-{self.id}"


@cache
def running_version() -> str:
    """The version of textzoo that is installed."""
    return metadata.version(API_DISTRIBUTION)


def _minor(version: str) -> list[str]:
    """Major and minor version, as in "0.1" of "0.1.3"."""
    return version.split(".")[:2]


_CHECKS: list[Check] = []


def register_check(kind: str, reason: str, *, since: str = FIRST_VERSION, slow: bool = False) -> Callable[[B], B]:
    """Register a function as a check of one kind, of several, separated by spaces, or of every kind ("").

    The id of the check is the name of the function. `since` is the version that the check comes with: in that version
    it only warns. A check that takes seconds or starts a process is `slow`.
    """

    def register(body: B) -> B:
        id = body.__name__.replace("_", "-")
        _CHECKS.extend(Check(id, name, reason, body, since, slow) for name in kind.split() or [""])
        return body

    return register


@cache
def check_modules() -> tuple[str, ...]:
    """Import the modules of checks, which are those of the packages beside this module; those of every kind first."""
    kit = import_module(str(__package__))
    packages = sorted((module.name for module in iter_modules(kit.__path__) if module.ispkg), key=_package_order)
    modules = []
    for package in packages:
        names = iter_modules(import_module(f"{kit.__name__}.{package}").__path__)
        modules += [f"{kit.__name__}.{package}.{name}" for name in sorted(module.name for module in names)]
    for module in modules:
        import_module(module)
    return tuple(modules)


def _package_order(name: str) -> tuple[bool, str]:
    return name != "any_kind", name


def table() -> list[Check]:
    """Return every check: by package, those of every kind first, by module, and in the order of the source."""
    order = check_modules()
    return sorted(_CHECKS, key=lambda check: order.index(check.body.__module__))


def checks_of(kind: str) -> list[Check]:
    """Return every check for a kind of component, or for recipes, commands or listeners."""
    kinds = (kind,) if kind in PART_KINDS else ("", kind)
    return [check for check in table() if check.kind in kinds]
