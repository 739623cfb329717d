"""What guides, examples and new projects import is public, and every change of the public surface is seen in review."""

from __future__ import annotations

import ast
import difflib
import inspect
import sys
from collections.abc import Iterator
from importlib import import_module

import pytest

import zoo_core
from tests.docs.blocks import PAGES, ROOT, read_blocks
from zoo_cli.scaffold.example_kinds import KINDS
from zoo_cli.scaffold.project import render_project

sys.path.append(str(ROOT / "docs"))
from _generate import public_surface

COMMAND = "python docs/generate.py"
MODULES = public_surface.stable_modules()


def python_sources() -> Iterator[tuple[str, str]]:
    """Every Python text that an author copies from: pages, the files of a new project, example plugins."""
    for page in PAGES:
        for block in read_blocks(page):
            if block.language == "python":
                yield f"{page.relative_to(ROOT).as_posix()}:{block.line}", block.text
    for path, text in render_project("textzoo-new", KINDS).items():
        if path.endswith(".py"):
            yield f"zoo plugins new: {path}", text
    for path in sorted((ROOT / "examples").rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def imported_names(text: str) -> Iterator[tuple[str, str]]:
    """The module and name of everything that a text takes from textzoo; `zoo_core.name` is a name, too."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("zoo_"):
            yield from ((str(node.module), alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names if alias.name.startswith("zoo_"))
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "zoo_core":
            yield "zoo_core", node.attr


def is_public(module: str, name: str) -> bool:
    if f"{module}.{name}" in MODULES or (module in MODULES and not name):
        return True
    return module in MODULES and name in import_module(module).__all__


def test_authors_import_public_names_only():
    private = [
        f"{where}: {module}.{name}"
        for where, text in python_sources()
        for module, name in imported_names(text)
        if not is_public(module, name)
    ]
    assert private == [], "add the name to __all__ of a module that docs/reference/api-stability.md lists as stable"


def test_stable_modules_are_listed():
    assert {"zoo_core", "zoo_core.hookspecs", "zoo_core.testing", "zoo_core.errors"} <= set(MODULES)
    assert len(MODULES) > 15


@pytest.mark.parametrize("name", MODULES)
def test_public_names_exist_and_are_documented(name):
    module = import_module(name)
    assert len(set(module.__all__)) == len(module.__all__) > 0
    for public in module.__all__:
        value = getattr(module, public)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert (inspect.getdoc(value) or "").strip(), f"{name}.{public} has no docstring"


def test_description_of_the_surface_is_current():
    path = ROOT / "docs" / "reference" / "public-surface.txt"
    stored, now = path.read_text("utf-8").splitlines(), public_surface.text().splitlines()
    diff = "\n".join(difflib.unified_diff(stored, now, "stored", "now", n=0, lineterm=""))
    assert not diff, f"the public surface changed; if this is meant, run: {COMMAND}\n{diff}"


def test_description_shows_changes_of_signatures_and_attributes(monkeypatch):
    before = public_surface.text()
    monkeypatch.setattr(zoo_core.Loss, "lower_bound", 1.0)
    monkeypatch.setattr(zoo_core.Loss, "outputs", lambda self, classes: classes)
    changed = set(public_surface.text().splitlines()) ^ set(before.splitlines())
    assert {line.partition("(")[0].partition(":")[0] for line in changed} == {
        "zoo_core.Loss.lower_bound",
        "zoo_core.Loss.outputs",
    }
