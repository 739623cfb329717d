"""Every registered component passes every check of its kind."""

from zoo_core.components.kinds import KINDS
from zoo_core.testing import Case, checks_of, conformance, table
from zoo_core.testing.cases import MODULES


@conformance()
def test_contract(case: Case) -> None:
    case.run()


def test_every_kind_has_checks() -> None:
    for kind in KINDS:
        checks = [check for check in checks_of(kind.name) if check.kind == kind.name]
        assert checks, f"no check is for {kind.name}"
        assert len({check.id for check in checks_of(kind.name)}) == len(checks_of(kind.name))
        assert all(check.reason for check in checks)


def test_the_table_follows_the_order_of_modules() -> None:
    modules = [check.body.__module__.rpartition(".")[2] for check in table()]
    assert modules == sorted(modules, key=MODULES.index)
    assert set(modules) == set(MODULES)
