"""A case for each check of each component."""

from __future__ import annotations

import time
import warnings
from typing import Literal, cast

from attrs import evolve, frozen

from zoo_core.components.component import Component
from zoo_core.config.structure import build_component
from zoo_core.config.zoo import Zoo, open_zoo
from zoo_core.errors import PluginError, RecipeError
from zoo_core.messages import name_hint
from zoo_core.plugins.registry import Entry, Registry
from zoo_core.testing.checks import (
    Check,
    ExpectedFailure,
    Skipped,
    Subject,
    check_modules,
    checks_of,
    register_check,
    skip,
    table,
)
from zoo_core.testing.failures import describe_failure

__all__ = [
    "Case",
    "Check",
    "CheckOutcome",
    "ExpectedFailure",
    "Skipped",
    "Subject",
    "cases",
    "check_modules",
    "checks_of",
    "register_check",
    "skip",
    "table",
]


OF_THE_DEFAULTS = "valid-defaults"  # the check that fails if a component cannot be built
OF_THE_CLASS = ("valid-class", "documented")  # checks that need no component


@frozen
class CheckOutcome:
    """The result of a case, the reason of a failure or a skip, and seconds; a passed case may have a remark.

    A "warning" is the failure of a check that came with the running version: it fails from the next version on.
    """

    state: Literal["passed", "failed", "warning", "expected", "skipped"]
    reason: str = ""
    seconds: float = 0.0


@frozen
class Case:
    """One check of one component."""

    check: Check
    entry: Entry
    registry: Registry
    together: tuple[Entry, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.entry.kind}-{self.entry.name}-{self.check.id}"

    def outcome(self) -> CheckOutcome:
        """Run the check. A failure that the component declares is expected; a declared one that passes is reported."""
        start = time.perf_counter()
        outcome = self._judge(self._run_check())
        return evolve(outcome, seconds=time.perf_counter() - start)

    def _judge(self, outcome: CheckOutcome) -> CheckOutcome:
        declared = dict(self.entry.cls.expected_failures).get(self.check.id, "")
        if declared and outcome.state == "failed":
            return CheckOutcome("expected", f"expected by its author: {declared} ({outcome.reason})")
        if declared and outcome.state == "passed":
            return CheckOutcome("passed", f"expected to fail by its author, but passes: {declared}")
        if outcome.state == "failed" and self.check.is_new:
            return CheckOutcome(
                "warning", f"it came with this version, and fails from the next one on: {outcome.reason}"
            )
        return outcome

    def _run_check(self) -> CheckOutcome:
        component = None
        try:
            component = build_component(self.registry, self.entry.kind, self.entry.qualified_name)
        except Exception as error:  # plugin code may raise anything
            if self.check.id == OF_THE_DEFAULTS:
                text = f"it cannot be built with its defaults: {describe_failure(error, self.entry.cls)}"
                return CheckOutcome("failed", f"{self.check.reason}: {text}")
            if self.check.id not in OF_THE_CLASS:
                return CheckOutcome("skipped", "it cannot be built with its defaults: see valid-defaults")
        try:
            self.check.body(
                Subject(cast(Component, component), self.entry, self.registry, self.together or (self.entry,))
            )
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
        if outcome.state == "warning":
            warnings.warn(f"{self.id}: {outcome.reason}", stacklevel=2)
        if outcome.state == "skipped":
            pytest.skip(outcome.reason)
        if outcome.state == "expected":
            pytest.xfail(outcome.reason)


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
    together = tuple(entries)
    return [Case(check, entry, zoo.registry, together) for entry in entries for check in checks_of(entry.kind)]
