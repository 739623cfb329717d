"""Every promise of every part, by the zoo's own conformance kit."""

from zoo_core.testing import Case, conformance


@conformance("optimizers")
def test_contract(case: Case) -> None:
    case.run()
