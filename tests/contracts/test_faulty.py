"""The proof of the kit: each planted fault is found, by the check that must find it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from tests.contracts import faulty
from zoo_core.components.kinds import kind_of
from zoo_core.config.zoo import open_zoo
from zoo_core.plugins.registry import Entry, Registry
from zoo_core.plugins.source import PluginSource
from zoo_core.testing import Case, checks_of

KINDS = [import_module(f"{faulty.__name__}.{one.name}") for one in iter_modules(faulty.__path__)]
PLANTED = [fault for kind in KINDS for fault in kind.FAULTS]
ROOT = Path(__file__).parents[2]
MADE_HERE = ("import-loads-no-torch", "same-in-another-process")  # these classes stand in no module of their own
OWNER = PluginSource("planted", "textzoo-planted", "1", lambda: None)


def registered(cls):
    entry = Entry(kind_of(cls).name, cls.name, cls, OWNER)
    return entry, Registry((*open_zoo().registry.entries, entry))


@pytest.mark.parametrize(("id", "fault", "cls"), PLANTED, ids=[f"{one[0]}: {one[1]}" for one in PLANTED])
def test_the_fault_is_found(id, fault, cls, monkeypatch):
    monkeypatch.syspath_prepend(ROOT)  # some checks import the component's module in another process
    entry, registry = registered(cls)
    [check] = [one for one in checks_of(entry.kind) if one.id == id]
    found = Case(check, entry, registry).outcome()
    assert found.state == "failed", found


@pytest.mark.parametrize("cls", [cls for kind in KINDS for cls in kind.SOUND])
def test_what_the_faults_are_planted_in_is_sound(cls):
    """So that a fault is found for itself, and not for what it stands in."""
    entry, registry = registered(cls)
    tried = [one for one in checks_of(entry.kind) if one.id not in MADE_HERE]
    failed = {
        one.id: found.reason for one in tried if (found := Case(one, entry, registry).outcome()).state == "failed"
    }
    assert not failed
