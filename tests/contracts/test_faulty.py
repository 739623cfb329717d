"""The proof of the conformance kit: the right check finds each planted fault."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from tests.contracts import faulty
from tests.contracts.test_messages import kit_expressions
from zoo_core.components.kinds import kind_of
from zoo_core.config.zoo import open_zoo
from zoo_core.plugins.plugin_source import PluginSource
from zoo_core.plugins.registry import Entry, Registry
from zoo_core.testing import Case, checks_of
from zoo_core.testing.any_kind import extremes
from zoo_core.testing.vectorizers import other_process

MODULES = [import_module(f"{faulty.__name__}.{module.name}") for module in iter_modules(faulty.__path__)]
FAULTS = [fault for module in MODULES for fault in module.FAULTS]
EXPRESSIONS = {text for text in kit_expressions() if len(text) > 12}
ROOT = Path(__file__).parents[2]
NEEDS_A_MODULE = ("import-loads-no-torch", "same-in-another-process")  # another process cannot import these classes
OWNER = PluginSource("planted", "textzoo-planted", "1", lambda: None)


def register(cls):
    entry = Entry(kind_of(cls).name, cls.name, cls, OWNER)
    return entry, Registry((*open_zoo().registry.entries, entry))


@pytest.mark.parametrize(("id", "fault", "cls"), FAULTS, ids=[f"{id}: {fault}" for id, fault, _ in FAULTS])
def test_finds_the_fault(id, fault, cls, monkeypatch):
    monkeypatch.syspath_prepend(ROOT)  # some checks import the component's module in another process
    monkeypatch.setattr(extremes, "CPU_SECONDS", 0.2)  # a fault that never ends is found sooner
    entry, registry = register(cls)
    [check] = [check for check in checks_of(entry.kind) if check.id == id]
    outcome = Case(check, entry, registry).outcome()
    assert outcome.state == "failed", outcome
    shown = [text for text in EXPRESSIONS if text in outcome.reason]
    assert not shown, f"the message shows an expression of the kit: {outcome.reason}"


@pytest.mark.parametrize("cls", [cls for module in MODULES for cls in module.SOUND])
def test_a_component_without_a_fault_passes(cls):
    """So that each fault is found for itself, and not for the component it is planted in."""
    entry, registry = register(cls)
    checks = [check for check in checks_of(entry.kind) if check.id not in NEEDS_A_MODULE]
    assert len(checks) > 5
    outcomes = {check.id: Case(check, entry, registry).outcome() for check in checks}
    assert {id: outcome.reason for id, outcome in outcomes.items() if outcome.state == "failed"} == {}


def test_every_check_finds_a_fault():
    planted = {id for id, _, _ in FAULTS}
    checks = {check.id for module in MODULES for cls in module.SOUND for check in checks_of(kind_of(cls).name)}
    assert checks - planted == {"same-on-gpu"}  # this check needs a GPU


def test_a_vectorizer_that_ends_the_process_leaves_the_others_to_be_fitted(monkeypatch):
    def fitted(addresses, path, hash_seed):
        return dict.fromkeys(addresses, " it ended" if len(addresses) > 1 else "0a")

    monkeypatch.setattr(other_process, "_answers_of_process", fitted)
    assert other_process._digest_in_process(int, (int, str), hash_seed="1") == "0a"
