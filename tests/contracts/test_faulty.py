"""The proof of the kit: each planted fault is found, by the check that must find it."""

from __future__ import annotations

import pytest

from tests.contracts.faulty import activations, readers
from zoo_core.config import open_zoo
from zoo_core.kinds import kind_of
from zoo_core.plugins import Source
from zoo_core.registry import Entry, Registry
from zoo_core.testing import Case, checks_of

PLANTED = [*activations.FAULTS, *readers.FAULTS]
OWNER = Source("planted", "textzoo-planted", "1", lambda: None)


@pytest.mark.parametrize(("id", "fault", "cls"), PLANTED, ids=[f"{one[0]}: {one[1]}" for one in PLANTED])
def test_the_fault_is_found(id, fault, cls):
    entry = Entry(kind_of(cls).name, cls.name, cls, OWNER)
    registry = Registry((*open_zoo().registry.entries, entry))
    [check] = [one for one in checks_of(entry.kind) if one.id == id]
    found = Case(check, entry, registry).outcome()
    assert found.state == "failed", found
