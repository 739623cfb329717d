"""What every component promises."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from typing import get_origin

import attrs

from zoo_core.components.class_checks import class_problems
from zoo_core.components.fields import default_value, is_slot
from zoo_core.components.kinds import contract_of, setting_fields
from zoo_core.config.structure import build_component, unstructure
from zoo_core.config.toml import parse_toml
from zoo_core.plugins.single_file import MODULE_PREFIX
from zoo_core.recipes.recipe import to_inline_toml
from zoo_core.testing.cases import Subject, checks_of, register_check


@register_check("", "a class that looks right and is not would fail far from here")
def no_faults(subject: Subject) -> None:
    found = class_problems(subject.entry.cls)
    assert not found, "; ".join(found)
    unknown = {name for name, _ in subject.entry.cls.expected_failures} - {
        one.id for one in checks_of(subject.entry.kind)
    }
    assert not unknown, f"it waives what is no check: {', '.join(sorted(unknown))}"


@register_check("", "the docstring is the help: it says what, and where it comes from")
def documented(subject: Subject) -> None:
    text = subject.entry.cls.__doc__ or ""
    assert len(text.strip().partition("\n")[0]) >= 10, "the first line says too little"
    assert "Source:" in text, "there is no line that begins with Source:"
    for one in setting_fields(subject.entry.cls):
        assert str(one.metadata.get("help", "")).strip(), f"the setting {one.name} has no help"


@register_check("", "parts are shared between runs, so nobody may change one")
def frozen_settings(subject: Subject) -> None:
    for one in setting_fields(subject.entry.cls):
        try:
            setattr(subject.part, one.name, getattr(subject.part, one.name))
        except attrs.exceptions.FrozenInstanceError:
            continue
        raise AssertionError(f"the setting {one.name} can be changed")


@register_check("", "a run's recipe is written as TOML and read again")
def round_trip_through_toml(subject: Subject) -> None:
    import tomlkit

    plain = {**unstructure(subject.part), "use": subject.entry.qualified_name}
    document = tomlkit.document()
    document["part"] = to_inline_toml(plain)
    read = parse_toml(tomlkit.dumps(document), "part.toml").values["part"]
    assert build_component(subject.registry, subject.entry.kind, read) == subject.part


@register_check("", "a default that its own validators refuse cannot be used")
def valid_defaults(subject: Subject) -> None:
    for one in setting_fields(subject.entry.cls):
        if is_slot(one):
            names = default_value(one) if get_origin(one.type) is tuple else (default_value(one),)
            assert all(names), f"the slot {one.name} has no default"
        elif one.validator is not None:
            one.validator(subject.part, one, default_value(one))
    assert list(subject.part.check()) == []


@register_check("", "conditions on slots are compared with the contract, so it must be plain data")
def plain_contract(subject: Subject) -> None:
    for name, value in contract_of(subject.entry.cls).items():
        assert isinstance(value, str | bool | int | float | tuple | property), f"{name} is {type(value).__name__}"


@register_check("", "listing and showing components must not take seconds")
def import_loads_no_torch(subject: Subject) -> None:
    module = subject.entry.cls.__module__
    names = [module.partition(".")[0], module]
    if module.startswith(MODULE_PREFIX):  # a file of its own, which no other process finds by name
        names = [str(sys.modules[module].__file__)]
    for name in names:
        loaded = _loads_torch(name)
        assert not loaded, f"importing {name} imports {loaded}"


@cache
def _loads_torch(module: str) -> str:
    """Which heavy library importing a module, or running a file, loads, tried in a process of its own."""
    code = (
        "import importlib, runpy, sys; sys.path[:] = sys.argv[2:]; "
        "(runpy.run_path if sys.argv[1].endswith('.py') else importlib.import_module)(sys.argv[1]); "
        "print('found:' + ' '.join(m for m in ('torch',) if m in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, module, *sys.path],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        check=False,
    )
    if done.returncode:
        return f"nothing but fails: {done.stderr.strip().splitlines()[-1:]}"
    return done.stdout.rpartition("found:")[2].strip()
