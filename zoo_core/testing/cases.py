"""A case for each check of each component, recipe, command and listener."""

from __future__ import annotations

import time
import warnings
from typing import Literal, cast

from attrs import evolve, frozen

from zoo_core.components.component import Component
from zoo_core.config.structure import build_component
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
from zoo_core.testing.parts import Part

__all__ = [
    "Case",
    "Check",
    "CheckOutcome",
    "ExpectedFailure",
    "Skipped",
    "Subject",
    "check_modules",
    "checks_of",
    "register_check",
    "skip",
    "table",
]


State = Literal["passed", "failed", "warning", "expected", "skipped"]
OF_THE_DEFAULTS = "valid-defaults"  # the check that fails if a component cannot be built
OF_THE_CLASS = ("valid-class", "documented")  # checks that need no component


@frozen
class CheckOutcome:
    """The result of a case, the reason of a failure or a skip, and seconds; a passed case may have a remark.

    A "warning" is the failure of a check that came with the running version: it fails from the next version on.
    """

    state: State
    reason: str = ""
    seconds: float = 0.0


@frozen
class Case:
    """One check of one component, recipe, command or listener."""

    check: Check
    kind: str
    name: str

    @property
    def id(self) -> str:
        return f"{self.kind}-{self.name}-{self.check.id}"

    def outcome(self) -> CheckOutcome:
        """Run the check. A failure that the component declares is expected; a declared one that passes is reported."""
        start = time.perf_counter()
        outcome = self._judge(self._run_check())
        return evolve(outcome, seconds=time.perf_counter() - start)

    def _judge(self, outcome: CheckOutcome) -> CheckOutcome:
        declared = dict(self._expected_failures()).get(self.check.id, "")
        if declared and outcome.state == "failed":
            return CheckOutcome("expected", f"expected by its author: {declared} ({outcome.reason})")
        if declared and outcome.state == "passed":
            return CheckOutcome("passed", f"expected to fail by its author, but passes: {declared}")
        if outcome.state == "failed" and self.check.is_new:
            text = "it came with this version, and fails from the next one on"
            return CheckOutcome("warning", f"{text}: {outcome.reason}")
        return outcome

    def _expected_failures(self) -> tuple[tuple[str, str], ...]:
        return ()

    def _run_check(self) -> CheckOutcome:
        try:
            self._call_check()
        except Skipped as reason:
            return CheckOutcome("skipped", str(reason))
        except ExpectedFailure as reason:
            return CheckOutcome("expected", str(reason))
        except (KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException as error:  # plugin code may raise anything, as the panics of polars or SystemExit
            return CheckOutcome("failed", f"{self.check.reason}: {describe_failure(error, self._owner())}")
        return CheckOutcome("passed")

    def _call_check(self) -> None:
        raise NotImplementedError

    def _owner(self) -> object:
        """The class or function of the plugin that is checked."""
        raise NotImplementedError

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


@frozen
class ComponentCase(Case):
    """One check of one component."""

    entry: Entry
    registry: Registry
    together: tuple[Entry, ...] = ()

    def _expected_failures(self) -> tuple[tuple[str, str], ...]:
        return self.entry.cls.expected_failures

    def _owner(self) -> object:
        return self.entry.cls

    def _call_check(self) -> None:
        from zoo_core.testing.any_kind.process_settings import usual_settings

        component = None
        try:
            component = build_component(self.registry, self.entry.kind, self.entry.qualified_name)
        except Exception as error:  # plugin code may raise anything
            if self.check.id == OF_THE_DEFAULTS:
                text = describe_failure(error, self.entry.cls)
                raise AssertionError(f"it cannot be built with its defaults: {text}") from error
            if self.check.id not in OF_THE_CLASS:
                skip("it cannot be built with its defaults: see valid-defaults")
        together = self.together or (self.entry,)
        with usual_settings():  # what one component sets must not change the outcomes of others
            self.check.body(Subject(cast(Component, component), self.entry, self.registry, together))


@frozen
class PartCase(Case):
    """One check of one recipe, command or listener."""

    part: Part

    def _owner(self) -> object:
        return next((hook.function for hook in self.part.hooks.values()), None)

    def _call_check(self) -> None:
        self.check.body(self.part)
