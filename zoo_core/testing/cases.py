"""The table of checks, and a case for each check of each component."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from importlib import import_module
from typing import Literal, NoReturn, TypeVar

from attrs import frozen

from zoo_core.components.component import Component
from zoo_core.config.structure import build_component
from zoo_core.config.zoo import Zoo, open_zoo
from zoo_core.errors import PluginError, RecipeError
from zoo_core.messages import name_hint
from zoo_core.plugins.registry import Entry, Registry
from zoo_core.plugins.source import describe_exception

Body = Callable[["Subject"], None]
B = TypeVar("B", bound=Body)


class Skipped(Exception):
    """The check does not apply to this component, or not here; the message says why."""


class Expected(Exception):
    """The check fails for a reason that is not the component's fault; the message says which."""


def skip(reason: str) -> NoReturn:
    """Leave a check without having tried it."""
    raise Skipped(reason)


@frozen
class CheckOutcome:
    """What became of a case, and why: the fault, or why it did not run. A pass may carry a remark."""

    state: Literal["passed", "failed", "expected", "skipped"]
    reason: str = ""


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

    @property
    def section(self) -> str:
        """Where the page on the kit speaks of it."""
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
        """Try it. A fault that the component waives is expected; one it waives and does not have is told."""
        found = self._tried()
        waived = dict(self.entry.cls.expected_failures).get(self.check.id, "")
        if waived and found.state == "failed":
            return CheckOutcome("expected", f"waived by its author: {waived} ({found.reason})")
        if waived and found.state == "passed":
            return CheckOutcome("passed", f"waived by its author, and passes: {waived}")
        return found

    def _tried(self) -> CheckOutcome:
        try:
            part = build_component(self.registry, self.entry.kind, self.entry.qualified_name)
            self.check.body(Subject(part, self.entry, self.registry))
        except Skipped as reason:
            return CheckOutcome("skipped", str(reason))
        except Expected as reason:
            return CheckOutcome("expected", str(reason))
        except AssertionError as error:
            return CheckOutcome("failed", f"{self.check.reason}: {str(error) or _asserted(error)}")
        except Exception as error:  # whatever a stranger's code raises
            return CheckOutcome("failed", f"{self.check.reason}: {describe_exception(error)}")
        return CheckOutcome("passed")

    def run(self) -> None:
        """Try it under pytest: an AssertionError that begins with the reason where the promise is broken."""
        import pytest

        found = self.outcome()
        if found.state == "failed":
            raise AssertionError(found.reason)
        if found.state == "skipped":
            pytest.skip(found.reason)
        if found.state == "expected":
            pytest.xfail(found.reason)


def _asserted(error: AssertionError) -> str:
    """What did not hold, where an assertion says nothing itself."""
    *_, last = traceback.extract_tb(error.__traceback__)
    return f"this does not hold: {(last.line or last.name).removeprefix('assert ')}"


_TABLE: list[Check] = []
MODULES = (  # that fill it, in this order
    *(
        "any_kind",
        "vectorizers",
        "other_process",
        "weightings",
        "readers",
        "tasks",
        "activations",
        "losses",
        "models",
        "modules",
    ),
    *("optimizers", "schedulers", "metrics"),
)


def register_check(kind: str, reason: str) -> Callable[[B], B]:
    """Enter a function into the table for one kind, several with spaces between, or every (""). Its id is its name."""

    def enter(body: B) -> B:
        _TABLE.extend(Check(body.__name__.replace("_", "-"), one, reason, body) for one in kind.split() or [""])
        return body

    return enter


def table() -> list[Check]:
    """Every check there is."""
    for module in MODULES:
        import_module(f"zoo_core.testing.{module}")
    return list(_TABLE)


def checks_of(kind: str) -> list[Check]:
    """Every check for a kind of component."""
    return [one for one in table() if one.kind in ("", kind)]


def cases(plugin: str = "", *, kind: str = "", name: str = "", zoo: Zoo | None = None) -> list[Case]:
    """Each check of each component of a plugin ("" for all), of one kind or name alone where they are given.

    PluginError where a plugin that is asked for was set aside, RecipeError where there is nothing to check.
    """
    zoo = zoo or open_zoo()
    for absent in zoo.plugins.unavailable:
        if absent.source.plugin == plugin or (not plugin and not absent.disabled):
            raise PluginError(str(absent))
    owned = [e for e in zoo.registry.entries if plugin in ("", e.owner.plugin)]
    if not owned:
        known = sorted({e.owner.plugin for e in zoo.registry.entries})
        raise RecipeError(f'there is no plugin "{plugin}" with components to check', hint=name_hint(plugin, known))
    entries = [e for e in owned if kind in ("", e.kind) and name in ("", e.name)]
    if not entries:
        wanted = " ".join(filter(None, (kind or "component", f'"{name}"' if name else "")))
        raise RecipeError(f"plugin {plugin} brings no {wanted}", hint=name_hint(name, sorted({e.name for e in owned})))
    return [Case(one, entry, zoo.registry) for entry in entries for one in checks_of(entry.kind)]
