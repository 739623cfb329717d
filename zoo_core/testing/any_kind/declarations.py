"""Checks of every kind of component."""

from __future__ import annotations

import sys
from functools import cache

import attrs

from zoo_core.child_process import run_python
from zoo_core.components.class_checks import class_problems
from zoo_core.components.fields import default_value, is_slot, takes_named, takes_several
from zoo_core.components.kinds import contract_of, setting_fields
from zoo_core.config.structure import build_component, unstructure
from zoo_core.config.toml import parse_toml
from zoo_core.plugins.single_file import MODULE_PREFIX, content_of
from zoo_core.recipes.recipe import to_inline_toml
from zoo_core.testing.checks import Subject, checks_of, register_check, skip
from zoo_core.testing.exercises import observe

IMPORT_TIMEOUT_SECONDS = 600


@register_check("", "an invalid class must be rejected when it is registered, not when it is used")
def valid_class(subject: Subject) -> None:
    problems = class_problems(subject.entry.cls)
    assert not problems, "; ".join(problems)
    known = {check.id for check in checks_of(subject.entry.kind)}
    unknown = {name for name, _ in subject.entry.cls.expected_failures} - known
    assert not unknown, f"expected_failures names an unknown check: {', '.join(sorted(unknown))}"


@register_check("", "the docstring is the help: it must describe the component and name its source")
def documented(subject: Subject) -> None:
    text = subject.entry.cls.__doc__ or ""
    assert len(text.strip().partition("\n")[0]) >= 10, "the first line of the docstring is too short"
    assert "Source:" in text, 'the docstring has no line that starts with "Source:"'
    for field in setting_fields(subject.entry.cls):
        assert str(field.metadata.get("help", "")).strip(), f"the setting {field.name} has no help"


@register_check("", "components are shared between runs, so they must be immutable")
def frozen_settings(subject: Subject) -> None:
    for field in setting_fields(subject.entry.cls):
        try:
            setattr(subject.component, field.name, getattr(subject.component, field.name))
        except attrs.exceptions.FrozenInstanceError:
            continue
        raise AssertionError(f"the setting {field.name} can be changed")
    before = unstructure(subject.component)
    observe(subject)
    changed = [name for name, value in unstructure(subject.component).items() if value != before[name]]
    assert not changed, f"it changes its own setting {changed[0]} when it is used" if changed else ""


@register_check("", "a recipe with an old name must still run, and with the component that had it")
def aliases_lead_to_it(subject: Subject) -> None:
    entry = subject.entry
    if not entry.cls.aliases:
        skip("it has no aliases")
    for alias in entry.cls.aliases:
        others = [other for other in subject.registry.of_kind(entry.kind) if other.cls is not entry.cls]
        owner = next((other for other in others if alias in (other.name, *other.cls.aliases)), None)
        found = f'"{owner.name}" of {owner.owner}' if owner else ""
        assert not found, f'its alias "{alias}" is also a name of {entry.kind} {found}'


@register_check("", "the recipe of a run is written as TOML and read again")
def round_trip_through_toml(subject: Subject) -> None:
    import tomlkit

    plain = {**unstructure(subject.component), "use": subject.entry.qualified_name}
    document = tomlkit.document()
    document["component"] = to_inline_toml(plain)
    reread = parse_toml(tomlkit.dumps(document), "component.toml").values["component"]
    rebuilt = build_component(subject.registry, subject.entry.kind, reread)
    assert rebuilt == subject.component, f"written as TOML and read again, {subject.component} is {rebuilt}"


@register_check("", "the defaults must satisfy the component's own validators")
def valid_defaults(subject: Subject) -> None:
    for field in setting_fields(subject.entry.cls):
        if is_slot(field):
            default = default_value(field)
            names = default.values() if takes_named(field) else default if takes_several(field) else (default,)
            assert all(names), f"the slot {field.name} has no default"
        elif field.validator is not None:
            field.validator(subject.component, field, default_value(field))
    problems = [problem.message for problem in subject.component.check()]
    assert not problems, f"check() finds problems in the defaults: {'; '.join(problems)}"


@register_check("", "conditions on slots are compared with the contract, so it must be plain data")
def plain_contract(subject: Subject) -> None:
    for name, value in contract_of(subject.entry.cls).items():
        assert isinstance(value, str | bool | int | float | tuple | property), f"{name} is {type(value).__name__}"


@register_check("", "listing components must be fast", slow=True)
def import_loads_no_torch(subject: Subject) -> None:
    module = subject.entry.cls.__module__
    imports: list[tuple[str, bytes | None]] = [(module.partition(".")[0], None), (module, None)]
    if module.startswith(MODULE_PREFIX):  # a single-file plugin, which another process cannot import by name
        imports = [(str(sys.modules[module].__file__), content_of(sys.modules[module]))]
    for name, content in imports:
        problem = import_problem(name, content)
        assert not problem, f"importing {name} {problem}"


@cache
def import_problem(module: str, content: bytes | None = None) -> str:
    """Import a module, or the content of a file, in a new process; say whether it loads torch or fails, "" if neither.

    The content is that which this process imported: the file may have changed since.
    """
    of_module = "import importlib; importlib.import_module(sys.argv[1])"
    of_content = (
        "from pathlib import Path; from zoo_core.plugins.single_file import import_file; "
        "import_file(Path(sys.argv[1]), sys.stdin.buffer.read())"
    )
    code = (
        f"import sys; sys.path[:] = sys.argv[2:]; {of_module if content is None else of_content}; "
        "print('loaded:' + ' '.join(m for m in ('torch',) if m in sys.modules))"
    )
    arguments = ("-c", code, module, *sys.path)
    process = run_python(*arguments, input=content or b"", capture_output=True, timeout=IMPORT_TIMEOUT_SECONDS)
    if process.returncode:
        return f"fails: {process.stderr.decode(errors='replace').strip().splitlines()[-1:]}"
    loaded = process.stdout.decode().rpartition("loaded:")[2].strip()
    return f"imports {loaded}" if loaded else ""
