"""The conformance kit: one table of checks, for the built-in components and for those of any plugin.

One line in a plugin's tests makes a test of every check for every component of the plugin:

    from zoo_core.testing import conformance

    @conformance("my-plugin")
    def test_contract(case):
        case.run()
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zoo_core.testing.cases import Case, CheckOutcome
from zoo_core.testing.checks import Check, checks_of, table
from zoo_core.testing.collection import cases, component_cases

__all__ = ["Case", "Check", "CheckOutcome", "cases", "checks_of", "component_cases", "conformance", "table"]


def conformance(plugin: str = "") -> Callable[[Any], Any]:
    """Return a pytest decorator that runs a test with `case` for each check of all that a plugin provides.

    `plugin` is the name of an entry point; "" stands for every installed plugin. Collection fails if the plugin is
    missing, disabled, or without anything to check, so that a check that did not run is not reported as passed.
    """
    import pytest

    plugin_cases = cases(plugin)
    return pytest.mark.parametrize("case", plugin_cases, ids=[case.id for case in plugin_cases])
