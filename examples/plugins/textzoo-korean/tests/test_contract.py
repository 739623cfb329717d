"""The conformance checks of textzoo on every component."""

from zoo_core.testing import Case, conformance


@conformance("korean")
def test_contract(case: Case) -> None:
    case.run()
