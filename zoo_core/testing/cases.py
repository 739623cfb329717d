"""The table of checks, and a case for each check of each component."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Literal, NoReturn, TypeVar

from attrs import frozen

from zoo_core.components.component import Component
from zoo_core.config.structure import build_component
from zoo_core.config.zoo import Zoo, open_zoo
from zoo_core.errors import PluginError, RecipeError
from zoo_core.messages import name_hint
from zoo_core.plugins.registry import Entry, Registry
from zoo_core.testing.failures import describe_failure

Body = Callable[["Subject"], None]
B = TypeVar("B", bound=Body)


class Skipped(Exception):
    """The check does not apply to this component or this machine; the message says why."""


class ExpectedFailure(Exception):
    """The check fails for a reason that is not the component's fault; the message names it."""


def skip(reason: str) -> NoReturn:
    """Skip the check that runs."""
    raise Skipped(reason)


@frozen
class CheckOutcome:
    """The result of a case, and the reason of a failure or a skip; a passed case may have a remark."""

    state: Literal["passed", "failed", "expected", "skipped"]
    reason: str = ""


@frozen
class Subject:
    """What a check examines: a component with its default settings, its entry, and the registry."""

    component: Component
    entry: Entry
    registry: Registry


@frozen
class Check:
    """A requirement: its id, its kind ("" for every kind), why it matters, and the function that tests it."""

    id: str
    kind: str
    reason: str
    body: Body

    @property
    def section(self) -> str:
        """The section of the documentation about this check."""
        return f"docs/reference/conformance.md#{self.kind or 'any'}-{self.id}"


@frozen
class Case:
    """One check of one component."""

    check: Check
    entry: Entry
    registry: Registry

    @property
    def id(self) -> str:
        return f"{self.entry.kind}-{self.entry.name}-{self.check.id}"

    def outcome(self) -> CheckOutcome:
        """Run the check. A failure that the component declares is expected; a declared one that passes is reported."""
        outcome = self._run_check()
        declared = dict(self.entry.cls.expected_failures).get(self.check.id, "")
        if declared and outcome.state == "failed":
            return CheckOutcome("expected", f"expected by its author: {declared} ({outcome.reason})")
        if declared and outcome.state == "passed":
            return CheckOutcome("passed", f"expected to fail by its author, but passes: {declared}")
        return outcome

    def _run_check(self) -> CheckOutcome:
        try:
            component = build_component(self.registry, self.entry.kind, self.entry.qualified_name)
            self.check.body(Subject(component, self.entry, self.registry))
        except Skipped as reason:
            return CheckOutcome("skipped", str(reason))
        except ExpectedFailure as reason:
            return CheckOutcome("expected", str(reason))
        except Exception as error:  # plugin code may raise anything
            return CheckOutcome("failed", f"{self.check.reason}: {describe_failure(error, self.entry.cls)}")
        return CheckOutcome("passed")

    def run(self) -> None:
        """Run the check under pytest; AssertionError with the reason if the component fails it."""
        import pytest

        outcome = self.outcome()
        if outcome.state == "failed":
            raise AssertionError(outcome.reason)
        if outcome.state == "skipped":
            pytest.skip(outcome.reason)
        if outcome.state == "expected":
            pytest.xfail(outcome.reason)


_CHECKS: list[Check] = []


def register_check(kind: str, reason: str) -> Callable[[B], B]:
    """Register a function as a check of one kind, of several, separated by spaces, or of every kind ("").

    The id of the check is the name of the function.
    """

    def register(body: B) -> B:
        _CHECKS.extend(Check(body.__name__.replace("_", "-"), name, reason, body) for name in kind.split() or [""])
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
    """Return every check for a kind of component."""
    return [check for check in table() if check.kind in ("", kind)]


def cases(plugin: str = "", *, kind: str = "", name: str = "", zoo: Zoo | None = None) -> list[Case]:
    """Return each check of each component of a plugin ("" for all), optionally of one kind or name only.

    Raises PluginError if the plugin is disabled because of an error, RecipeError if there is nothing to check.
    """
    zoo = zoo or open_zoo()
    for unavailable in zoo.plugins.unavailable:
        if unavailable.source.plugin == plugin or (not plugin and not unavailable.disabled):
            raise PluginError(str(unavailable))
    owned = [entry for entry in zoo.registry.entries if plugin in ("", entry.owner.plugin)]
    if not owned:
        known = sorted({entry.owner.plugin for entry in zoo.registry.entries})
        raise RecipeError(f'no plugin "{plugin}" with components', hint=name_hint(plugin, known))
    entries = [entry for entry in owned if kind in ("", entry.kind) and name in ("", entry.name)]
    if not entries:
        missing = " ".join(filter(None, (kind or "component", f'"{name}"' if name else "")))
        names = sorted({entry.name for entry in owned})
        raise RecipeError(f"plugin {plugin} has no {missing}", hint=name_hint(name, names))
    return [Case(check, entry, zoo.registry) for entry in entries for check in checks_of(entry.kind)]
