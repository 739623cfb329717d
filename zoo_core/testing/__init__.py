"""The conformance kit: one table of checks, for our own components and for anybody's.

In a plugin's tests, one line makes a test of every check for every component it brings:

    from zoo_core.testing import conformance

    @conformance("my-plugin")
    def test_contract(case):
        case.run()
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zoo_core.testing.cases import Case, Check, CheckOutcome, cases, checks_of, table

__all__ = ["Case", "Check", "CheckOutcome", "cases", "checks_of", "conformance", "table"]


def conformance(plugin: str = "") -> Callable[[Any], Any]:
    """A pytest decorator: the test is run with `case` for each check of each component of a plugin.

    `plugin` is an entry-point name; "" takes every plugin installed. Fails at collection where the plugin
    is not there, was set aside, or brings nothing: what did not run is never green.
    """
    import pytest

    found = cases(plugin)
    return pytest.mark.parametrize("case", found, ids=[case.id for case in found])
