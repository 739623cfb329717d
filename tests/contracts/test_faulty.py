"""The proof of the conformance kit: the right check finds each planted fault."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from attrs import evolve

from tests.contracts import faulty
from tests.contracts.faulty import settings
from tests.contracts.test_messages import kit_expressions
from zoo_core.components.kinds import kind_of
from zoo_core.config.zoo import open_zoo
from zoo_core.plugins.plugin_source import PluginSource
from zoo_core.plugins.registry import Entry, Registry
from zoo_core.testing import checks_of, component_cases
from zoo_core.testing.any_kind import extremes, other_process
from zoo_core.testing.any_kind.child_answers import Answer
from zoo_core.testing.checks import Subject

MODULES = [import_module(f"{faulty.__name__}.{module.name}") for module in iter_modules(faulty.__path__)]
FAULTS = [fault for module in MODULES for fault in module.FAULTS]
SLOW = pytest.mark.slow  # what a module declares as slow runs in .ci/run, apart from the first fault of each check
EXPRESSIONS = {text for text in kit_expressions() if len(text) > 12}
ROOT = Path(__file__).parents[2]
NEEDS_A_MODULE = ("import-loads-no-torch", "same-in-another-process")  # another process cannot import these classes
TAKES_LONG = ("import-loads-no-torch", "every-setting-changes-something")  # so one fault of a kind in quick tests
OF_SETTINGS = "every-setting-changes-something"  # most twins ignore the settings of the class that they are made of
OWNER = PluginSource("planted", "textzoo-planted", "1", lambda: None)
IN_ANOTHER_PROCESS = tuple(
    Entry(kind_of(cls).name, cls.name, cls, OWNER) for id, _, cls in FAULTS if id == "same-in-another-process"
)  # one process serves all of them


def is_slow(module):
    return getattr(module, "SLOW", False)


def fault_parameters():
    seen = set()
    for module in MODULES:
        for id, fault, cls in module.FAULTS:
            check = kind_of(cls).name, id
            takes_long = is_slow(module) or id in TAKES_LONG
            marks = [SLOW] if takes_long and check in seen else []
            seen.add(check)
            yield pytest.param(id, fault, cls, marks=marks, id=f"{id}: {fault}")


def sound_parameters():
    """The first of each kind in quick tests, in which all that are built in are checked, too; all in `.ci/run`."""
    seen = set()
    for module in MODULES:
        for cls in module.SOUND:
            takes_long = is_slow(module) or kind_of(cls) in seen
            yield pytest.param(cls, marks=[SLOW] if takes_long else [])
            seen |= set() if is_slow(module) else {kind_of(cls)}


def register(cls):
    entry = Entry(kind_of(cls).name, cls.name, cls, OWNER)
    return entry, Registry((*open_zoo().registry.entries, entry))


@pytest.mark.parametrize(("id", "fault", "cls"), list(fault_parameters()))
def test_finds_the_fault(id, fault, cls, monkeypatch):
    monkeypatch.syspath_prepend(ROOT)  # some checks import the component's module in another process
    monkeypatch.setattr(extremes, "CPU_SECONDS", 0.2)  # a fault that never ends is found sooner
    entry, registry = register(cls)
    [case] = component_cases(registry, [entry], [id])
    outcome = evolve(case, together=IN_ANOTHER_PROCESS).outcome()
    assert outcome.state == "failed", outcome
    shown = [text for text in EXPRESSIONS if text in outcome.reason]
    assert not shown, f"the message shows an expression of the kit: {outcome.reason}"


@pytest.mark.parametrize("cls", list(sound_parameters()))
def test_a_component_without_a_fault_passes(cls):
    """So that each fault is found for itself, and not for the component it is planted in."""
    entry, registry = register(cls)
    checks = {check.id for check in checks_of(entry.kind)} - set(NEEDS_A_MODULE)
    checks -= set() if cls in settings.SOUND else {OF_SETTINGS}
    assert len(checks) > 5
    outcomes = {case.check.id: case.outcome() for case in component_cases(registry, [entry], checks)}
    assert {id: outcome.reason for id, outcome in outcomes.items() if outcome.state == "failed"} == {}


def test_every_check_finds_a_fault():
    planted = {id for id, _, _ in FAULTS}
    checks = {check.id for module in MODULES for cls in module.SOUND for check in checks_of(kind_of(cls).name)}
    assert checks - planted == {"same-on-gpu"}  # this check needs a GPU


def test_a_component_that_ends_the_process_leaves_the_others_to_be_used(monkeypatch):
    def answers(addresses, path, hash_seed, elsewhere):
        return {} if len(addresses) > 1 else dict.fromkeys(addresses, Answer({"": "0a"}))

    monkeypatch.setattr(other_process, "_answers_of_process", answers)
    entry, registry = register(MODULES[0].SOUND[0])
    other, _ = register(MODULES[1].SOUND[0])
    subject = Subject(None, entry, registry, (entry, other))
    assert other_process._answer_of_process(subject, hash_seed="1", elsewhere=True).digests == {"": "0a"}
