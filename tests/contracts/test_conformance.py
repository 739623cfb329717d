"""Every registered component passes every check of its kind."""

import pytest

from zoo_core.components.kinds import KINDS
from zoo_core.testing import Case, checks_of, conformance, table
from zoo_core.testing.cases import check_modules
from zoo_core.testing.exercises import _EXERCISES

TAME_EXERCISES = {  # kinds whose inputs are too tame to see what some settings change
    ("every-setting-changes-something", kind)
    for kind in ("model", "optimizer", "reader", "scheduler", "task", "vectorizer")
}


@conformance()
def test_contract(case: Case) -> None:
    if (case.check.id, case.kind) in TAME_EXERCISES:
        pytest.skip("the inputs of the kind are too tame")
    case.run()


def test_every_kind_has_checks() -> None:
    for kind in KINDS:
        checks = [check for check in checks_of(kind.name) if check.kind == kind.name]
        assert checks, f"no check is for {kind.name}"
        assert len({check.id for check in checks_of(kind.name)}) == len(checks_of(kind.name))
        assert all(check.reason for check in checks)


def test_the_table_begins_with_the_checks_of_every_kind() -> None:
    modules = [check.body.__module__ for check in table()]
    assert modules == sorted(modules, key=check_modules().index)
    assert modules[0].startswith("zoo_core.testing.any_kind.")


def test_every_kind_has_an_exercise() -> None:
    table()
    assert {kind.name for kind in KINDS} == set(_EXERCISES)
