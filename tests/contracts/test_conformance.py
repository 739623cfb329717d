"""Every registered component keeps every promise of its kind."""

from zoo_core.components.kinds import KINDS
from zoo_core.testing import Case, checks_of, conformance


@conformance()
def test_contract(case: Case) -> None:
    case.run()


def test_every_kind_has_checks_of_its_own() -> None:
    for kind in KINDS:
        own = [check for check in checks_of(kind.name) if check.kind == kind.name]
        assert own, f"no check is for {kind.name}"
        assert len({check.id for check in checks_of(kind.name)}) == len(checks_of(kind.name))
        assert all(check.reason for check in own)
