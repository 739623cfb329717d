"""Every registered component passes every check of its kind."""

from collections.abc import Iterator

import pytest

from zoo_core.components.kinds import KINDS
from zoo_core.testing import Case, cases, checks_of, table
from zoo_core.testing.cases import ComponentCase, check_modules
from zoo_core.testing.exercises import _EXERCISES

EXPENSIVE = {  # the quick tests run these for one component of each kind only, .ci/run for all
    "every-setting-changes-something",
    "learns-a-tiny-task",
    "numbers-at-their-extremes",
    "same-twice",
}

QUICK = {"embedding": "learned", "model": "mlp", "splitter": "by-time"}  # of another kind the first one

OF_MODULE = "import-loads-no-torch"  # quick once for each plugin: tests/core/test_imports.py imports the whole of it

LIKE_ANOTHER = {"gru", "lstm"}  # the code of the model rnn with another layer: .ci/run runs their checks


def parameters() -> Iterator[object]:
    found = cases()
    one_of = {case.kind: case.name for case in reversed(found)} | QUICK
    imported = set()
    for case in found:
        is_other = case.kind in one_of and case.name != one_of[case.kind]
        is_slow = (case.check.id in EXPENSIVE and is_other) or (case.kind == "model" and case.name in LIKE_ANOTHER)
        if isinstance(case, ComponentCase) and case.check.id == OF_MODULE:
            is_slow = case.entry.owner in imported
            imported.add(case.entry.owner)
        yield pytest.param(case, id=case.id, marks=[pytest.mark.slow] if is_slow else [])


@pytest.mark.parametrize("case", list(parameters()))
def test_contract(case: Case) -> None:
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
